// The style sheet's colours, for what is drawn on a canvas.

const NAMES = {
  ink: "--ink",
  soft: "--ink-soft",
  line: "--line",
  ground: "--surface",
  accent: "--accent",
  training: "--training",
  test: "--test",
  low: "--negative",
  high: "--positive",
  middle: "--neutral",
};

/** Of an element: by name, and those of the classes in a list. */
export function colours(element) {
  const style = getComputedStyle(element);
  const found = Object.fromEntries(
    Object.entries(NAMES).map(([name, variable]) => [name, style.getPropertyValue(variable).trim()]),
  );
  found.classes = Array.from({ length: 10 }, (_, n) => style.getPropertyValue(`--class-${n}`).trim());
  found.font = style.fontFamily;
  return found;
}
