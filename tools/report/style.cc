#include "tools/report/style.h"

namespace quaver::tools::report {

const char* const kStyle = R"css(
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --line: #e1e4ea; --text: #16181d; --dim: #667085;
  --first: #9aa3b2; --second: #2f6fed; --worst: #e0356b; --good: #12a150; --range: #e58a00;
  --input: #12a150; --output: #8b5cf6; --activation: #2f6fed; --state: #0d9488; --scratch: #e58a00;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0e1116; --card: #171b22; --line: #2a303a; --text: #e9ecf1; --dim: #97a1b1;
    --first: #657085; --second: #5b93ff; --worst: #ff5c8a; --good: #3fcf7f; --range: #ffb02e;
    --input: #3fcf7f; --output: #b08cff; --activation: #5b93ff; --state: #2dd4bf; --scratch: #ffb02e;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
main { max-width: 1120px; margin: 0 auto; padding: 28px 20px 60px; }
header { display: flex; gap: 14px; align-items: center; margin-bottom: 20px; }
header svg { flex: none; width: 40px; height: 40px; }
h1 { font-size: 24px; line-height: 1.25; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 18px; margin: 0 0 4px; }
h3 { font-size: 14px; margin: 0; overflow-wrap: anywhere; font-weight: 600; }
p { margin: 0; }
.dim, .note { color: var(--dim); }
.note { font-size: 13px; max-width: 80ch; margin-bottom: 14px; }
header p { overflow-wrap: anywhere; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 12px;
  padding: 20px; margin-top: 16px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; }
.tiles.many { display: flex; flex-wrap: wrap; }
.tiles.many .tile { flex: 1 1 22%; }
.tile { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 14px 16px; }
.tile .label, .tile .under { color: var(--dim); font-size: 12px; }
.tile .value { font-size: 22px; font-weight: 650; line-height: 1.3; font-variant-numeric: tabular-nums; }
dl.decisions { display: grid; grid-template-columns: minmax(120px, max-content) minmax(0, 1fr);
  gap: 10px 20px; margin: 12px 0 0; }
dl.decisions dt { color: var(--dim); }
dl.decisions dd { margin: 0; }
dl.decisions dd span { color: var(--dim); font-size: 13px; display: block; }
.bars { display: flex; align-items: flex-end; gap: 2px; height: 180px; padding-top: 22px;
  border-bottom: 1px solid var(--line); position: relative;
  background: linear-gradient(var(--line), var(--line)) 0 22px / 100% 1px no-repeat,
    linear-gradient(var(--line), var(--line)) 0 calc(22px + (100% - 22px) / 2) / 100% 1px no-repeat; }
.bars a { flex: 1 1 0; min-width: 2px; background: var(--second); border-radius: 3px 3px 0 0;
  position: relative; min-height: 2px; text-decoration: none; }
.bars a:hover { filter: brightness(1.2); }
.bars a.int16 { background: var(--output); }
.bars a.dynamic { background: var(--state); }
.bars a.worst { background: var(--worst); }
.bars a.worst b { position: absolute; bottom: 100%; right: 0; color: var(--worst); font-size: 12px;
  white-space: nowrap; }
.bars a.worst.left b { right: auto; left: 0; }
.axis { display: flex; justify-content: space-between; color: var(--dim); font-size: 12px;
  font-variant-numeric: tabular-nums; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 16px; font-size: 13px; color: var(--dim); margin: 8px 0; }
.legend i { display: inline-block; width: 12px; height: 12px; border-radius: 3px; margin-right: 6px;
  vertical-align: -1px; }
.sort { display: flex; gap: 8px; margin-bottom: 12px; }
.sort button { font: inherit; font-size: 13px; color: var(--text); background: none;
  border: 1px solid var(--line); border-radius: 8px; padding: 4px 12px; cursor: pointer; }
.sort button[aria-pressed="true"] { border-color: var(--second); color: var(--second); }
ol.layers { list-style: none; margin: 0; padding: 0; }
.layer { display: grid; grid-template-columns: minmax(0, 1.1fr) minmax(0, 1fr) minmax(0, 1fr); gap: 10px 24px;
  padding: 16px 0; border-top: 1px solid var(--line); scroll-margin-top: 10px; }
.layer:target { background: color-mix(in srgb, var(--second) 8%, transparent); }
.layer .name { color: var(--dim); font-size: 12px; overflow-wrap: anywhere; }
.layer .numbers { display: grid; grid-template-columns: max-content 1fr; gap: 0 12px; font-size: 13px;
  margin: 6px 0 0; font-variant-numeric: tabular-nums; }
.layer .numbers dt { color: var(--dim); }
.layer .numbers dd { margin: 0; }
.layer.worst h3 { color: var(--worst); }
.pill { display: inline-block; border-radius: 99px; padding: 0 8px; font-size: 12px; background: var(--worst);
  color: #fff; margin-left: 6px; font-weight: 600; }
.pill.int16 { background: var(--output); }
.pill.dynamic { background: var(--state); }
.pill.quiet { background: var(--second); }
td.dots { position: relative; width: 34%; min-width: 110px; }
td.dots i { position: absolute; top: 50%; width: 11px; height: 11px; margin: -5.5px 0 0 -5.5px;
  border-radius: 99px; background: var(--good); }
td.dots i.missed { background: var(--worst); }
td.dots i.target { top: 0; height: 100%; width: 0; margin: 0; border-radius: 0; background: none;
  border-left: 2px dashed var(--dim); }
tr.taken td { font-weight: 600; }
tfoot td { font-weight: 600; }
.scroll.more { margin: 18px 0 10px; }
table.compact td { white-space: nowrap; }
section > .note:last-child { margin-bottom: 0; }
figure { margin: 0; min-width: 0; }
figcaption { font-size: 12px; color: var(--dim); font-variant-numeric: tabular-nums; }
.plot { width: 100%; height: 64px; display: block; overflow: visible; }
.plot .bars-of { fill: var(--second); }
.plot .bars-of.weights { fill: var(--state); }
.plot .chosen { fill: var(--range); fill-opacity: .14; }
.plot .edge { stroke: var(--range); stroke-width: 1.5; vector-effect: non-scaling-stroke; }
.plot .edge.inner { stroke-dasharray: 3 3; }
.plot .base { stroke: var(--line); vector-effect: non-scaling-stroke; }
.scroll { overflow-x: auto; }
.map { display: block; }
.map text { fill: var(--dim); font-size: 11px; }
.map text.in { fill: #fff; pointer-events: none; }
.map rect { stroke: var(--card); stroke-width: 1; }
.map .grid { stroke: var(--line); }
.map .bound { stroke: var(--worst); stroke-dasharray: 5 4; }
.map .peak { fill: var(--worst); fill-opacity: .1; stroke: none; }
.map .input { fill: var(--input); } .map .output { fill: var(--output); }
.map .activation { fill: var(--activation); } .map .state { fill: var(--state); }
.map .scratch { fill: var(--scratch); fill-opacity: .55; }
table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; }
th { font-weight: 500; color: var(--dim); text-align: left; padding: 3px 14px 3px 0; }
td { padding: 3px 14px 3px 0; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
td.n, th.n { text-align: right; white-space: nowrap; }
.wide { width: 100%; }
.bar2 { height: 7px; border-radius: 3px; min-width: 1px; background: var(--first); margin: 2px 0; }
.bar2.after { background: var(--second); }
td.barcell { width: 45%; }
td.barcell.spare { width: 30%; }
.total { display: grid; grid-template-columns: max-content minmax(0, 1fr) max-content; gap: 6px 14px; align-items: center;
  margin: 10px 0 18px; font-variant-numeric: tabular-nums; }
.total .bar2 { height: 18px; }
.confusion { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); gap: 20px; margin-top: 14px; }
.confusion table { width: 100%; table-layout: fixed; }
.confusion td, .confusion th { border: 1px solid var(--card); text-align: center; padding: 4px 0; font-size: 11px;
  overflow: hidden; white-space: nowrap; }
.confusion td { background: color-mix(in srgb, var(--worst) calc(var(--v) * 100%), transparent); }
.confusion td.right { background: color-mix(in srgb, var(--good) calc(var(--v) * 100%), transparent); }
.confusion td.none { color: transparent; }
details summary { cursor: pointer; color: var(--dim); font-size: 13px; margin-top: 10px; }
details p { overflow-wrap: anywhere; font-size: 13px; color: var(--dim); }
footer { color: var(--dim); font-size: 12px; margin-top: 22px; }
@media (max-width: 760px) {
  main { padding: 18px 12px 40px; }
  section { padding: 16px 14px; }
  .tiles { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 10px; }
  .tiles.many .tile { flex: 1 1 40%; }
  .tile .value { font-size: 18px; }
  table.compact { min-width: 560px; }
  td.barcell.spare { display: none; }
  .layer { grid-template-columns: minmax(0, 1fr); }
  dl.decisions { grid-template-columns: minmax(0, 1fr); gap: 2px; }
  dl.decisions dd { margin-bottom: 10px; }
  .bars { height: 140px; gap: 1px; }
  td.barcell { width: 34%; }
}
)css";

// Without '<' and '&': the page is XML, too.
const char* const kScript = R"js(
(function () {
  var list = document.querySelector("ol.layers");
  var sort = document.querySelector(".sort");
  if (!list || !sort) { return; }
  sort.hidden = false;
  sort.addEventListener("click", function (event) {
    var button = event.target.closest("button");
    if (!button) { return; }
    var key = button.dataset.sort;
    Array.from(list.children)
      .sort(function (a, b) { return Number(a.dataset[key]) - Number(b.dataset[key]); })
      .forEach(function (item) { list.appendChild(item); });
    sort.querySelectorAll("button").forEach(function (other) {
      other.setAttribute("aria-pressed", String(other === button));
    });
  });
})();
)js";

}  // namespace quaver::tools::report
