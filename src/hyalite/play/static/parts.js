/** The parts of the page that stand for themselves: an element's id, and what fills it. */

export const PARTS = {};
