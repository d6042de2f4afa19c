"""The style of the page: light and dark, wide and narrow, on paper."""

STYLE = """
:root { color-scheme: light dark; --back: #fff; --paper: #f6f7f9; --ink: #1a1d21; --soft: #545b64;
  --edge: #d5d9df; --grid: #e6e9ed; --one: #0072b2; --two: #c05a00; --three: #00805e;
  --four: #a6528a; --five: #6b5d00; --pale: #c9d3de; --mark: #eaf3fa; --warn: #fff4e0;
  --warn-edge: #c47f00; --cell: #005a8f; --link: #005a8f; }
@media (prefers-color-scheme: dark) { :root { --back: #14171b; --paper: #1d2127; --ink: #e8eaed;
  --soft: #a9b1bb; --edge: #3a414a; --grid: #2a3037; --one: #56b4e9; --two: #f0a050;
  --three: #3cc79a; --four: #dd92c4; --five: #e0d060; --pale: #39434f; --mark: #16293a;
  --warn: #33270f; --warn-edge: #e0a030; --cell: #005a8f; --link: #7cc4f0; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans CJK SC",
    "Microsoft YaHei", "PingFang SC", sans-serif; overflow-wrap: anywhere; }
header, main, footer { max-width: 1180px; margin: 0 auto; padding: 0 16px; }
header { padding-top: 28px; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 4px; }
h2 { font-size: 1.25rem; margin: 40px 0 10px; padding-top: 10px;
  border-top: 1px solid var(--edge); }
h3 { font-size: 1rem; margin: 0; }
p { margin: 6px 0; max-width: 75ch; }
.soft, figcaption p, .meaning { color: var(--soft); font-size: 0.875rem; }
.verdict { background: var(--mark); border-left: 5px solid var(--one); padding: 14px 18px;
  font-size: 1.2rem; border-radius: 0 6px 6px 0; margin: 16px 0; }
.verdict p { margin: 0; }
.verdict.doubt { border-color: var(--warn-edge); background: var(--warn); }
.warnings { padding: 0; list-style: none; max-width: 85ch; }
.warnings li { background: var(--warn); border-left: 4px solid var(--warn-edge); padding: 8px 14px;
  margin: 8px 0; border-radius: 0 6px 6px 0; }
.scroll { overflow-x: auto; max-width: 100%; }
.scroll:focus-visible { outline: 2px solid var(--one); outline-offset: 2px; }
table { border-collapse: collapse; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
th, td { padding: 6px 12px 6px 0; text-align: left; vertical-align: top; overflow-wrap: normal; }
thead th { border-bottom: 2px solid var(--edge); font-weight: 600; vertical-align: bottom; }
tbody tr { border-bottom: 1px solid var(--grid); }
tbody th { font-weight: 500; }
td.figure, th.figure { text-align: right; white-space: nowrap; padding: 6px 0 6px 16px; }
th.figure { white-space: normal; }
td.best { font-weight: 700; }
.range { display: block; color: var(--soft); font-size: 0.8rem; font-weight: 400; }
.meaning { display: block; font-weight: 400; }
table.confusion td, table.confusion th { padding: 6px 8px; text-align: right; }
table.confusion thead th { border: 0; font-weight: 500; max-width: 9rem; }
figure.wide { grid-column: 1 / -1; }
table.confusion td { min-width: 3.2rem; border: 1px solid var(--back);
  background: color-mix(in srgb, var(--cell) var(--share), var(--paper)); }
table.confusion td.dark { color: #fff; }
table.confusion td.none { color: var(--soft); }
.pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 340px), 1fr));
  gap: 18px; align-items: start; }
figure { margin: 0; background: var(--paper); border-radius: 8px; padding: 14px; min-width: 0;
  break-inside: avoid; }
figure p { margin: 4px 0 8px; }
svg.chart { display: block; width: 100%; max-width: 480px; height: auto; }
svg text { font-size: 11px; fill: var(--ink); }
svg text.name { fill: var(--soft); }
.axis, .tick { stroke: var(--soft); fill: none; } .grid { stroke: var(--grid); }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; } .line.thin { stroke-width: 1.2; }
.one { fill: var(--one); } .two { fill: var(--two); } .three { fill: var(--three); }
.four { fill: var(--four); } .five { fill: var(--five); } .pale { fill: var(--pale); }
.line.one { fill: none; stroke: var(--one); } .line.two { fill: none; stroke: var(--two); }
.line.three { fill: none; stroke: var(--three); } .line.four { fill: none; stroke: var(--four); }
.line.five { fill: none; stroke: var(--five); } .faint { fill-opacity: 0.55; }
.line.ideal { fill: none; stroke: var(--soft); stroke-width: 1.2; stroke-dasharray: 5 4; }
.line.whisker { fill: none; stroke: var(--ink); stroke-width: 1.2; }
.key { white-space: nowrap; } .swatch { width: 0.75em; height: 0.75em; vertical-align: -0.05em; }
pre { background: var(--paper); border: 1px solid var(--edge); border-radius: 6px;
  padding: 10px 14px; overflow-x: auto;
  font: 0.875rem/1.5 ui-monospace, "SFMono-Regular", Menlo, Consolas, monospace; }
pre code { user-select: all; -webkit-user-select: all; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 14px; font-size: 0.9rem; }
dt { color: var(--soft); } dd { margin: 0; }
nav { font-size: 0.9rem; margin: 8px 0 0; } nav a { margin-right: 14px; }
a { color: var(--link); }
footer { padding: 30px 16px 40px; }
@media (max-width: 600px) { body { font-size: 15px; } header { padding-top: 16px; }
  .verdict { font-size: 1.05rem; } th, td { padding-right: 8px; }
  td.figure, th.figure { padding-left: 8px; } table { font-size: 0.82rem; }
  table.figures, .figures thead, .figures tbody { display: block; }
  .figures tr { display: grid; grid-template-columns: repeat(var(--ways), 1fr); }
  .figures thead th:first-child { display: none; }
  .figures tbody th { grid-column: 1 / -1; padding-bottom: 0; }
  .figures td { padding: 2px 0 8px 6px; } .range { font-size: 0.72rem; }
  dl { grid-template-columns: 1fr; } dd { margin-bottom: 6px; } }
@page { size: A4; margin: 15mm; }
@media print { :root { color-scheme: light; --back: #fff; --paper: #fff; --ink: #000; --soft: #444;
    --edge: #bbb; --grid: #ddd; --one: #0072b2; --two: #c05a00; --three: #00805e; --four: #a6528a;
    --five: #6b5d00; --pale: #c9d3de; --mark: #eaf3fa; --warn: #fff4e0; --warn-edge: #c47f00; }
  body { font-size: 10pt; } header, main, footer { max-width: none; padding: 0; }
  nav { display: none; } h2 { break-after: avoid; } .scroll { overflow: visible; }
  .pictures { grid-template-columns: 1fr 1fr; } figure { border: 1px solid var(--edge); }
  pre { white-space: pre-wrap; } tr, li, pre { break-inside: avoid; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
"""
