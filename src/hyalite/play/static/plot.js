/** The training and test points over the plane or line: drawn when they change, not every frame. */

import { fit } from "./canvas.js";
import { card, classColor, classShape, font, line, signed, soft } from "./color.js";
import { prettyName, short } from "./format.js";

const MOST = 1500;
/** Of a curve's points: more would be a band that hides the fit. */
const MOST_OF_A_CURVE = 120;

/** Places in data units as places on the canvas. */
export function axes(data, width, height) {
    const [[low1, high1]] = data.domain;
    const [low2, high2] = data.shape === "curve" ? data.range : data.domain[1];
    return {
        x: (a) => ((a - low1) / (high1 - low1)) * width,
        y: (b) => height - ((b - low2) / (high2 - low2)) * height,
        fromX: (px) => low1 + (px / width) * (high1 - low1),
        fromY: (py) => low2 + ((height - py) / height) * (high2 - low2),
        domain: [low1, high1, low2, high2],
    };
}

/** Room above and below the curve's values, so that overshoot is seen. */
export function withRoom(data) {
    if (data.shape !== "curve" || !data.range) return data;
    const [low, high] = data.range;
    const room = (high - low || 1) * 0.25;
    return { ...data, range: [low - room, high + room] };
}

function drawPoints(ctx, { x, y }, data, scale, radius, filled) {
    const wide = x.shape[1];
    const most = data.shape === "curve" ? MOST_OF_A_CURVE : MOST;
    const step = Math.max(1, Math.ceil(x.shape[0] / most));
    const [low, high] = data.range ?? [0, 1];
    for (let i = 0; i < x.shape[0]; i += step) {
        const [a, b] = [x[i * wide], wide > 1 ? x[i * wide + 1] : y[i]];
        const numbers = data.task === "numbers";
        const color =
            data.shape === "curve"
                ? soft()
                : numbers
                  ? signed((2 * (y[i] - low)) / (high - low) - 1)
                  : classColor(y[i]);
        classShape(ctx, numbers ? 0 : y[i], scale.x(a), scale.y(b), radius);
        if (filled) {
            ctx.fillStyle = color;
            ctx.strokeStyle = card();
            ctx.lineWidth = radius * 0.35;
            ctx.fill();
            ctx.stroke();
        } else {
            ctx.strokeStyle = color;
            ctx.lineWidth = radius * 0.5;
            ctx.stroke();
        }
    }
}

function drawTicks(ctx, scale, width, height, data) {
    const [low1, high1, low2, high2] = scale.domain;
    ctx.fillStyle = soft();
    ctx.font = font(Math.max(10, width / 36));
    ctx.textBaseline = "bottom";
    ctx.textAlign = "left";
    ctx.fillText(short(low1), 5, height - 4);
    ctx.textAlign = "right";
    ctx.fillText(short(high1), width - 5, height - 4);
    ctx.textBaseline = "top";
    ctx.textAlign = "left";
    ctx.fillText(short(high2), 5, 5);
    ctx.textBaseline = "bottom";
    ctx.fillText(short(low2), 5, height - 6 - Math.max(10, width / 36));
    const [across, up] = data.axes ?? [];
    ctx.textAlign = "center";
    ctx.fillText(prettyName(across ?? "x"), width / 2, height - 4);
    ctx.textBaseline = "middle";
    ctx.textAlign = "left";
    if (data.shape !== "curve") ctx.fillText(prettyName(up ?? ""), 5, height / 2);
}

/** Points of the training data filled, of the test data as outlines. */
export function drawOverlay(canvas, data, points, showTest) {
    const { ctx, width, height } = fit(canvas);
    ctx.clearRect(0, 0, width, height);
    const scale = axes(data, width, height);
    const radius = Math.max(2, Math.min(14, (width / 110) * (points.training.x.shape[0] > 600 ? 0.65 : 1)));
    if (data.shape === "curve") {
        drawPoints(ctx, points.training, data, scale, radius * 0.8, true);
    } else drawPoints(ctx, points.training, data, scale, radius, true);
    if (showTest)
        drawPoints(ctx, points.test, data, scale, radius * (data.shape === "curve" ? 0.8 : 1), false);
    drawTicks(ctx, scale, width, height, data);
}

/** The fitted curve, and the line of zero. */
export function drawCurve(ctx, curve, data, width, height, color) {
    const scale = axes(data, width, height);
    const [low, high] = data.domain[0];
    ctx.strokeStyle = line();
    ctx.lineWidth = 1;
    ctx.beginPath();
    ctx.moveTo(0, scale.y(0));
    ctx.lineTo(width, scale.y(0));
    ctx.stroke();
    ctx.beginPath();
    curve.forEach((value, i) => {
        const x = scale.x(low + ((high - low) * i) / (curve.length - 1));
        const y = Math.max(-height, Math.min(2 * height, scale.y(value)));
        if (i === 0) ctx.moveTo(x, y);
        else ctx.lineTo(x, y);
    });
    ctx.strokeStyle = color;
    ctx.lineWidth = Math.max(2.5, width / 110);
    ctx.lineJoin = "round";
    ctx.stroke();
}
