/** Texts of parts/, in English. */
export default {};
