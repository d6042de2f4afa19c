/** How things are shown: what stands in the link beside the settings, and what does not. */

export const VIEW = {
    language: "auto", // "auto", "en", "zh"
    theme: "auto", // "auto", "light", "dark"
    hidden: [], // names of controls that a teacher has hidden
    wall: false, // large type, pictures only
    run: "a", // the run that the picture of the network shows
    selected: null, // { layer, unit } or { parameter, index }
    tool: "look", // "look", "paint", "erase"
    brush: 0, // class that is painted
    showTest: false,
    discretize: false,
    speed: null, // epochs a second, null: as fast as it goes
    preset: null, // the question that is asked
    panels: [], // what is unfolded
};

export const RUN = { playing: false, status: "paused", message: "", notice: "", field: "", lost: false };
