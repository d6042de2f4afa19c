// The confusion matrix as a table: rows are the true classes, columns the predicted ones.

import { percent } from "./numbers.js";

export class ConfusionMatrix {
  /**
   * @param {HTMLElement} host is filled
   * @param {object} options
   * @param {(key: string, values?: object) => string} options.t texts by key
   * @param {() => string} options.lang language of the page
   * @param {(truth: number, predicted: number) => void} [options.onPick] a cell was clicked
   */
  constructor(host, { t, lang, onPick = null }) {
    Object.assign(this, { t, lang, onPick });
    this.table = document.createElement("table");
    this.table.className = "confusion";
    this.caption = this.table.createCaption();
    this.body = this.table.createTBody();
    this.head = this.table.createTHead();
    host.replaceChildren(this.table);
    this.shown = "";
    this.table.addEventListener("click", (event) => {
      const cell = event.target.closest("[data-truth]");
      if (cell && this.onPick) this.onPick(Number(cell.dataset.truth), Number(cell.dataset.predicted));
    });
  }

  /** Counts (classes, classes): counts[truth][predicted]; names of the classes. */
  set(counts, names) {
    const form = JSON.stringify([names, this.lang()]);
    if (form !== this.shown) this.build(names);
    this.shown = form;
    const most = Math.max(1, ...counts.flat());
    let [right, all] = [0, 0];
    counts.forEach((row, truth) => {
      const sum = row.reduce((total, count) => total + count, 0);
      row.forEach((count, predicted) => {
        const cell = this.cells[truth][predicted];
        const share = sum ? count / sum : 0;
        cell.firstChild.textContent = count ? String(count) : "·";
        cell.style.setProperty("--share", share.toFixed(3));
        cell.classList.toggle("full", share > 0.5);
        cell.title = this.t("chart.confusion_cell", {
          truth: names[truth], predicted: names[predicted], count, of: sum,
        });
        all += count;
        if (truth === predicted) right += count;
      });
    });
    this.most = most;
    this.caption.textContent = this.t("chart.confusion_caption", {
      right, all, share: percent(all ? right / all : 0, this.lang()),
    });
  }

  build(names) {
    const columns = document.createElement("tr");
    columns.append(headed("th", this.t("chart.confusion_corner")));
    for (const name of names) columns.append(headed("th", name, "col"));
    this.head.replaceChildren(columns);
    this.cells = [];
    const rows = names.map((name, truth) => {
      const row = document.createElement("tr");
      row.append(headed("th", name, "row"));
      this.cells.push(names.map((_, predicted) => {
        const cell = document.createElement("td");
        const inner = document.createElement(this.onPick ? "button" : "span");
        if (this.onPick) inner.type = "button";
        cell.append(inner);
        Object.assign(cell.dataset, { truth, predicted });
        if (truth === predicted) cell.className = "diagonal";
        row.append(cell);
        return cell;
      }));
      return row;
    });
    this.body.replaceChildren(...rows);
  }
}

function headed(kind, text, scope = null) {
  const cell = document.createElement(kind);
  cell.textContent = text;
  if (scope) cell.scope = scope;
  return cell;
}
