#include "trainer/report/report_page.h"

#include "trainer/report/html.h"

namespace millrace::html {
namespace {

// Colours are triples, so that a cell's share can be its opacity (heat_map.cpp).
constexpr std::string_view kStyle = R"css(
:root{color-scheme:light dark;--paper:250 250 248;--panel:255 255 255;--ink:32 36 42;--quiet:94 100 110;
--line:222 224 228;--good:24 122 78;--bad:190 52 44;--bar:70 110 180}
@media (prefers-color-scheme:dark){:root{--paper:20 22 26;--panel:29 32 37;--ink:230 232 236;--quiet:158 165 176;
--line:56 60 68;--good:52 158 108;--bad:214 84 74;--bar:96 140 216}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:rgb(var(--paper));color:rgb(var(--ink));
font:15px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
main{max-width:1180px;margin:0 auto;padding:32px 24px 64px}
h1{font-size:26px;line-height:1.2;margin:0 0 4px;overflow-wrap:anywhere}
h2{font-size:18px;margin:0 0 4px}
p{margin:0;color:rgb(var(--quiet));overflow-wrap:anywhere}
section{margin-top:36px}
section>p{margin-bottom:12px;font-size:13px}
h2+.scroll{margin-top:10px}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(118px,1fr));gap:12px;margin:24px 0 0;padding:0}
.figures div{background:rgb(var(--panel));border:1px solid rgb(var(--line));border-radius:8px;padding:12px 14px}
.figures dt{color:rgb(var(--quiet));font-size:13px}
.figures dd{margin:2px 0 0;font-size:22px;font-weight:600;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.scroll{overflow-x:auto;border:1px solid rgb(var(--line));border-radius:8px;background:rgb(var(--panel))}
.scroll.narrow{width:fit-content;max-width:100%}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;background:rgb(var(--panel))}
table.rows{width:100%}
.rows th,.rows td{padding:6px 12px;border-bottom:1px solid rgb(var(--line));text-align:left;overflow-wrap:anywhere}
.rows tbody tr:last-child td{border-bottom:0}
.rows td{vertical-align:top}
.rows td:not(.n){min-width:8em}
.rows .n{text-align:right;white-space:nowrap}
.rows td.n{background:linear-gradient(rgb(var(--bar)/.6),rgb(var(--bar)/.6)) no-repeat left bottom/calc(var(--s,0)*(100% - 8px)) 3px}
.rows th{font-size:13px;color:rgb(var(--quiet));font-weight:600}
.rows th button{all:unset;cursor:pointer}
.rows th button:focus-visible{outline:2px solid rgb(var(--bar));outline-offset:2px}
.rows th[aria-sort=ascending] button::after{content:" \25B2"}
.rows th[aria-sort=descending] button::after{content:" \25BC"}
.heat th{font-size:13px;font-weight:500;color:rgb(var(--quiet));padding:4px 8px}
.heat thead th{vertical-align:bottom;height:1px;padding-top:10px}
.heat thead span{display:inline-block;writing-mode:vertical-rl;transform:rotate(180deg);max-height:150px;
overflow:hidden;white-space:nowrap;text-overflow:ellipsis}
.heat tbody th{position:sticky;left:0;background:rgb(var(--panel));text-align:right;max-width:150px;
overflow:hidden;white-space:nowrap;text-overflow:ellipsis;z-index:1}
.heat td{min-width:36px;height:34px;padding:0 5px;text-align:center;border:1px solid rgb(var(--line));
background:rgb(var(--c)/var(--s,0))}
.heat td.hit{--c:var(--good)}
.heat td.miss{--c:var(--bad)}
.heat td.on{color:#fff}
.gallery{display:grid;grid-template-columns:repeat(auto-fill,minmax(150px,1fr));gap:12px}
figure{margin:0;background:rgb(var(--panel));border:1px solid rgb(var(--line));border-radius:8px;overflow:hidden;
display:flex;flex-direction:column}
figure .frame{display:flex;align-items:center;justify-content:center;height:148px;padding:8px;
background:rgb(var(--line)/.35)}
figure img{max-width:100%;max-height:132px;width:auto;height:132px;object-fit:contain}
figure img.tiny{image-rendering:pixelated}
figcaption{padding:8px 10px 10px;font-size:13px;overflow-wrap:anywhere}
figcaption .good{color:rgb(var(--good));font-weight:600}
figcaption .bad{color:rgb(var(--bad));font-weight:600}
figcaption small{display:block;color:rgb(var(--quiet));font-size:12px}
@media (max-width:520px){main{padding:20px 14px 48px}h1{font-size:21px}
.figures{grid-template-columns:repeat(2,1fr)}.figures dd{font-size:18px}
.rows{font-size:13px}.rows td:not(.n){min-width:6.5em}.rows th,.rows td{padding:6px 7px}.rows th{font-size:12px}.heat tbody th{max-width:92px}
.gallery{grid-template-columns:repeat(2,1fr)}}
@media print{section{break-inside:avoid}}
)css";

// Sorts a table by the column whose heading is pressed: numbers by value, the rest as text.
constexpr std::string_view kScript = R"js(
document.addEventListener("click",e=>{const b=e.target.closest("th button");if(!b)return;
const th=b.parentElement,i=th.cellIndex,body=th.closest("table").tBodies[0],
down=th.getAttribute("aria-sort")!=="descending",
key=r=>{const t=r.cells[i].dataset.v??r.cells[i].textContent,n=Number(t);return t!==""&&!Number.isNaN(n)?n:t};
[...th.parentElement.cells].forEach(c=>c.removeAttribute("aria-sort"));
th.setAttribute("aria-sort",down?"descending":"ascending");
[...body.rows].sort((x,y)=>{const a=key(x),b=key(y),
o=typeof a==="number"&&typeof b==="number"?a-b:String(a).localeCompare(String(b));return down?-o:o})
.forEach(r=>body.append(r))});
)js";

}  // namespace

ReportPage::ReportPage(std::string_view title, std::string_view below)
    : title_(escaped(title)),
      body_("<header><h1>" + escaped(title) + "</h1><p>" + escaped(below) + "</p></header>\n") {}

void ReportPage::add_figures(const std::vector<std::pair<std::string, std::string>>& figures) {
  body_ += "<dl class=\"figures\">";
  for (const auto& [name, value] : figures)
    body_ += "<div><dt>" + escaped(name) + "</dt><dd>" + escaped(value) + "</dd></div>";
  body_ += "</dl>\n";
}

void ReportPage::add_section(std::string_view title, std::string_view note,
                             std::string_view content) {
  body_ += "<section><h2>" + escaped(title) + "</h2>";
  if (!note.empty()) body_ += "<p>" + escaped(note) + "</p>";
  body_.append("\n").append(content).append("</section>\n");
}

std::string ReportPage::text() const {
  std::string text =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
      "<meta name=\"color-scheme\" content=\"light dark\">"
      "<title>";
  text.append(title_).append("</title>\n<style>").append(kStyle).append("</style></head>\n<body>");
  text.append("<main>\n").append(body_).append("</main>\n<script>").append(kScript);
  return text + "</script></body></html>\n";
}

}  // namespace millrace::html
