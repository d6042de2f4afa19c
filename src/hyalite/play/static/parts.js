/** The parts of the page that stand for themselves: an element's id, and what fills it. */

const PLACES = {
  data: "data", digit: "digit", charts: "charts", presets: "presets", export: "export", formula: "formula",
};

/** Loads what is there; a part that is not written yet leaves its place empty. */
export async function loadParts() {
  const entries = await Promise.all(Object.entries(PLACES).map(async ([id, file]) => {
    try {
      const part = await import(`./parts/${file}.js`);
      return [[id, part.mount], ...(part.mountQuestion ? [["question", part.mountQuestion]] : [])];
    } catch {
      return [];
    }
  }));
  return Object.fromEntries(entries.flat());
}
