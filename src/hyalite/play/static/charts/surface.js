// A canvas as large as its box, in the screen's own pixels, drawn once a frame at most.

import { colours } from "./colours.js";

/**
 * @param {HTMLCanvasElement} canvas takes its size from the style sheet
 * @param {(context, width, height, colours) => void} draw in CSS pixels; called when asked for, and
 *   when the box, the screen or the theme changes
 */
export class Surface {
  constructor(canvas, draw) {
    this.canvas = canvas;
    this.draw = draw;
    this.asked = 0;
    this.watching = new ResizeObserver(() => this.ask());
    this.watching.observe(canvas);
    this.themes = matchMedia("(prefers-color-scheme: dark)");
    this.again = () => this.ask();
    this.themes.addEventListener("change", this.again);
    document.addEventListener("themechange", this.again);
  }

  /** Draw at the next frame. */
  ask() {
    this.asked ||= requestAnimationFrame(() => {
      this.asked = 0;
      this.now();
    });
  }

  /** Draw at once. */
  now() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (!width || !height) return;
    const ratio = window.devicePixelRatio || 1;
    const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.canvas.width !== across || this.canvas.height !== down) {
      this.canvas.width = across;
      this.canvas.height = down;
    }
    const context = this.canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    this.draw(context, width, height, colours(this.canvas));
  }

  /** Let go of what was watched. */
  close() {
    cancelAnimationFrame(this.asked);
    this.watching.disconnect();
    this.themes.removeEventListener("change", this.again);
    document.removeEventListener("themechange", this.again);
  }
}
