/** A canvas that is drawn once a frame at most, and only while it can be seen. */

import { fit, visible } from "../canvas.js";
import { onTheme } from "../color.js";

/** @param {(ctx, width, height) => void} draw in CSS pixels; also called when box or theme change */
export function surface(canvas, draw) {
    let asked = 0;
    const ask = () => {
        asked ||= requestAnimationFrame(() => {
            asked = 0;
            if (!visible(canvas)) return;
            const { ctx, width, height } = fit(canvas);
            if (width < 1 || height < 1) return;
            ctx.clearRect(0, 0, width, height);
            draw(ctx, width, height);
        });
    };
    new ResizeObserver(ask).observe(canvas);
    new IntersectionObserver(ask).observe(canvas);
    onTheme(ask);
    return ask;
}

/** A variable of the style sheet, such as a colour, as it is for this element. */
export const variable = (element, name) => getComputedStyle(element).getPropertyValue(name).trim();
