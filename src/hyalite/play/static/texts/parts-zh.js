/** Texts of parts/, in Simplified Chinese. */
export default {};
