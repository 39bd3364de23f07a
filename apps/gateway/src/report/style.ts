/** Style of the report: for the screen, light and dark, and for A4 paper, where heads of tables repeat and pages are numbered. */
export const REPORT_STYLE = `
:root { color-scheme: light dark; --ink: #1b1a19; --soft: #5c5a58; --line: #d8d6d3; --back: #ffffff; --shade: #f5f4f2; --good: #0b6a0b; --bad: #a4262c; --link: #0b5a9c; }
@media screen and (prefers-color-scheme: dark) { :root { --ink: #f3f2f1; --soft: #b8b5b2; --line: #484644; --back: #1b1a19; --shade: #292827; --good: #7bd67b; --bad: #ff9a9f; --link: #7fbdf0; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.5rem 4rem; max-width: 76rem; background: var(--back); color: var(--ink); font: 15px/1.45 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.9rem; line-height: 1.2; overflow-wrap: anywhere; }
h2 { margin: 2.2rem 0 .6rem; font-size: 1.25rem; }
h3 { margin: 2rem 0 .3rem; font-size: 1.05rem; overflow-wrap: anywhere; }
p { margin: .3rem 0; max-width: 60rem; }
a { color: var(--link); }
.over, .soft { color: var(--soft); }
.verdict { max-width: none; margin: 1.2rem 0; padding: .8rem 1rem; border: 1px solid var(--line); border-left: .4rem solid var(--bad); background: var(--shade); font-weight: 600; }
.verdict.good { border-left-color: var(--good); }
dl.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr)); gap: .6rem; margin: 1rem 0; }
dl.figures > div { border: 1px solid var(--line); padding: .5rem .7rem; }
dl.figures dt { color: var(--soft); font-size: .85rem; }
dl.figures dd { margin: 0; font-size: 1.25rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: .92rem; }
caption { text-align: left; color: var(--soft); padding: .3rem 0; }
th, td { overflow-wrap: break-word; padding: .3rem .55rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
thead th { border-bottom: 2px solid var(--line); font-weight: 600; white-space: nowrap; }
tbody th { font-weight: 400; overflow-wrap: anywhere; min-width: 9rem; }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.bad { color: var(--bad); font-weight: 600; }
.good { color: var(--good); }
code { font: .85em/1.4 ui-monospace, monospace; overflow-wrap: anywhere; }
figure { margin: .6rem 0; }
figcaption { font-weight: 600; }
figure svg { display: block; width: 100%; height: 8rem; border-bottom: 1px solid var(--line); }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 0 2rem; }
.axis { display: flex; justify-content: space-between; color: var(--soft); font-size: .85rem; }
.key { white-space: nowrap; margin-right: 1rem; } .key svg { width: .7rem; height: .7rem; }
.k-trial { fill: #8a8886; } .k-pre-stage { fill: #5b9bd5; } .k-full { fill: #0f6cbd; } .k-retry-errors { fill: #ca5010; }
.o-failed { fill: var(--bad); } .o-skipped { fill: #8a8886; } .o-mime, .o-doubts { fill: #ca8a04; }
ul.bars { list-style: none; padding: 0; margin: .4rem 0 1rem; display: grid; gap: .4rem; }
ul.bars li { display: grid; grid-template-columns: minmax(0, 1fr) max-content; gap: 0 .8rem; }
ul.bars li > code, ul.bars li > .soft { grid-column: 1; } ul.bars li > .n { grid-column: 2; grid-row: 1; }
ul.bars svg { grid-column: 1 / -1; display: block; width: 100%; height: .6rem; background: var(--shade); }
summary { cursor: pointer; margin: .4rem 0; }
@media screen { section.mailbox { content-visibility: auto; contain-intrinsic-size: auto 30rem; } }
@page { size: A4; margin: 16mm 12mm 18mm; @bottom-right { content: counter(page) " / " counter(pages); font: 8pt system-ui, sans-serif; color: #5c5a58; } }
@media print {
  body { padding: 0; max-width: none; font-size: 9pt; }
  h1 { font-size: 17pt; } h2 { font-size: 12.5pt; margin-top: 7mm; } h3 { font-size: 10.5pt; margin-top: 6mm; }
  table { font-size: 8pt; } th, td { padding: .8mm 1.2mm; } tbody th { min-width: 34mm; }
  .scroll { overflow: visible; } a { color: inherit; text-decoration: none; }
  td code { font-size: 6.1pt; }
  dl.figures { grid-template-columns: repeat(4, 1fr); }
  section.mailbox > p { break-after: avoid; }
  figure svg { height: 34mm; } .plots { grid-template-columns: 1fr 1fr; } figure, ul.bars li { break-inside: avoid; } details:not([open]) { display: none; }
  svg rect { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  thead { display: table-header-group; } tr, dl.figures > div, .verdict { break-inside: avoid; } h2, h3, caption { break-after: avoid; }
}
`;
