// Numbers as people read them: four figures, no tail of zeros, powers of ten where they are needed.

const RAISED = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };

export const raised = (power) => [...String(power)].map((sign) => RAISED[sign]).join("");

/** A number in at most so many figures: "0.2345", "−12.3", "4.1×10⁻⁶", "NaN", "∞". */
export function short(value, figures = 4) {
  if (value === null || value === undefined) return "–";
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value < 0 ? "−∞" : "∞";
  if (value === 0) return "0";
  const size = Math.abs(value);
  let text;
  if (size >= 10 ** Math.max(figures, 5) || size < 1e-3) {
    const [factor, power] = value.toExponential(figures - 1).split("e");
    const stripped = factor.includes(".") ? factor.replace(/\.?0+$/, "") : factor;
    text = `${stripped}×10${raised(Number(power))}`;
  } else {
    text = String(Number(value.toPrecision(figures)));
  }
  return text.replace("-", "−");
}

/** A share as per cent: 0.9731 gives "97.3 %" in English, "97.3%" in Chinese. */
export function percent(share, lang = "en") {
  if (!Number.isFinite(share)) return short(share);
  const text = (100 * share).toFixed(share === 1 || share === 0 ? 0 : 1);
  return lang.startsWith("zh") ? `${text}%` : `${text} %`;
}
