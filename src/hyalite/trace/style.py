"""How a trace looks as HTML: the colours are those of what it stands on, light or dark."""

STYLE = """
.hyalite-trace { line-height: 1.5; max-width: 60rem; overflow-wrap: anywhere; }
.hyalite-trace h3 { font-size: 1.05em; margin: 1.6em 0 0.5em; padding-bottom: 0.2em;
  border-bottom: 1px solid color-mix(in srgb, currentColor 30%, transparent); }
.hyalite-trace p { margin: 0.4em 0; }
.hyalite-trace .step { margin: 0.7em 0; }
.hyalite-trace .close { margin: 0.2em 0 0.2em 1.5em; }
.hyalite-trace code { background: color-mix(in srgb, currentColor 8%, transparent);
  color: inherit; border: 0; padding: 0.1em 0.35em; border-radius: 4px; font-size: 0.875em; }
.hyalite-trace math { font-size: 1.08em; }
.hyalite-trace .part { display: inline-block; max-width: 100%; overflow-x: auto; overflow-y: hidden;
  vertical-align: middle; padding: 0.15em 0.1em; }
.hyalite-trace .soft { opacity: 0.75; font-size: 0.9em; margin-left: 0.7em; }
.hyalite-trace .scroll { overflow-x: auto; max-width: 100%; margin: 0.2em 0 0.2em 1.5em; }
.hyalite-trace table { border-collapse: collapse; font-size: 0.95em; margin: 0;
  font-variant-numeric: tabular-nums; border: 0; width: auto; color: inherit; }
.hyalite-trace :is(tr, th, td) { background: transparent; border: 0; color: inherit; }
.hyalite-trace :is(th, td) { padding: 0.15em 0.9em 0.15em 0; text-align: right;
  white-space: nowrap; font-weight: 400; }
.hyalite-trace :is(th, td):first-child { text-align: left; padding-left: 0.4em; }
.hyalite-trace thead th { font-weight: 600;
  border-bottom: 1px solid color-mix(in srgb, currentColor 40%, transparent); }
.hyalite-trace table.matrix { display: inline-table; vertical-align: middle;
  border: solid currentColor; border-width: 0 1px;
  --hook: linear-gradient(currentColor, currentColor);
  background: var(--hook) left top, var(--hook) left bottom, var(--hook) right top,
    var(--hook) right bottom; background-size: 5px 1px; background-repeat: no-repeat; }
.hyalite-trace table.matrix td { padding: 0 0.5em; text-align: right; }
.hyalite-trace .windows { display: flex; flex-wrap: wrap; gap: 0.5em 1.8em;
  margin: 0.4em 0 0.4em 1.5em; }
.hyalite-trace .windows > div { display: flex; flex-direction: column; align-items: flex-start;
  gap: 0.3em; }
.hyalite-trace tr.followed { background: color-mix(in srgb, currentColor 12%, transparent); }
.hyalite-trace tr.total td { border-top: 1px solid currentColor; font-weight: 600; }
@media (max-width: 480px) { .hyalite-trace table { font-size: 0.85em; }
  .hyalite-trace :is(th, td) { padding-right: 0.5em; }
  .hyalite-trace :is(.scroll, .close) { margin-left: 0; } }
.hyalite-trace pre { font-size: 0.8em; line-height: 1.35; margin: 0; background: none;
  color: inherit; border: 0; padding: 0; white-space: pre; }
"""
PAGE_STYLE = """
:root { color-scheme: light dark; --back: #fff; --ink: #1a1d21; }
@media (prefers-color-scheme: dark) { :root { --back: #14171b; --ink: #e8eaed; } }
body { margin: 0 auto; max-width: 60rem; padding: 1.2rem 1rem 3rem; background: var(--back);
  color: var(--ink); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans",
  "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", sans-serif; }
h1 { font-size: 1.5rem; line-height: 1.25; }
@media print { :root { --back: #fff; --ink: #000; } .hyalite-trace .scroll { overflow: visible; } }
"""
