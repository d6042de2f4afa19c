/** The parts of the page that stand for themselves: an element's id, and what fills it. */

import { mount as charts } from "./parts/charts.js";
import { mount as data } from "./parts/data.js";
import { mount as digit } from "./parts/digit.js";
import { mount as exports_ } from "./parts/export.js";
import { mount as formula } from "./parts/formula.js";
import { mount as presets, mountQuestion as question } from "./parts/presets.js";

export const PARTS = { data, digit, charts, presets, export: exports_, formula, question };
