#include "trainer/report/html.h"

#include <gtest/gtest.h>

#include "trainer/report/gallery.h"
#include "trainer/report/heat_map.h"
#include "trainer/report/html_table.h"
#include "trainer/report/report_page.h"

namespace millrace::html {
namespace {

constexpr const char* kEvil = "<script>alert('&\"')</script>";
constexpr const char* kHarmless = "&lt;script&gt;alert(&#39;&amp;&quot;&#39;)&lt;/script&gt;";

Image dot() {
  return {.width = 1, .height = 1, .channels = 3, .pixels = {255, 0, 0}};
}

TEST(Html, NoPieceOfAReportLetsANameBecomeMarkup) {
  ReportPage page(kEvil, kEvil);
  page.add_figures({{kEvil, kEvil}});
  page.add_section(kEvil, kEvil,
                   table({{.name = kEvil}, {.name = kEvil, .number = true}},
                         {{{.text = kEvil}, {.text = kEvil, .value = 1, .bar = 1}}}));
  page.add_section("m", "",
                   heat_map({.names = {kEvil, kEvil},
                             .count = [](std::size_t, std::size_t) { return 1; },
                             .row_total = [](std::size_t) { return 2; }}));
  if (has_png()) {
    page.add_section("g", "",
                     gallery({{.picture = dot(), .good = kEvil, .bad = kEvil, .notes = {kEvil}}}));
  }
  EXPECT_EQ(page.text().find(kEvil), std::string::npos);
  EXPECT_NE(page.text().find(kHarmless), std::string::npos);
}

TEST(Html, AReportAsksForNothingFromElsewhere) {
  ReportPage page("title", "below");
  const std::string text = page.text();
  EXPECT_NE(text.find("default-src 'none'"), std::string::npos);
  for (const char* source : {"http:", "https:", "src=", "href=", "@import", "url("})
    EXPECT_EQ(text.find(source), std::string::npos) << source;
}

TEST(Html, APictureIsInsideThePage) {
  if (!has_png()) GTEST_SKIP() << "this build has no PNG encoder";
  const std::string text = inline_picture(dot(), "a \"dot\"");
  EXPECT_TRUE(
      text.starts_with("<img alt=\"a &quot;dot&quot;\" width=\"1\" height=\"1\" "
                       "src=\"data:image/png;base64,iVBORw0KGgo"))
      << text;
}

TEST(Html, APhotographIsKeptSmallAndAnIconExact) {
  if (!has_png() || !has_jpeg()) GTEST_SKIP() << "this build has no encoder";
  const auto grey = [](std::int64_t edge) {
    return Image{.width = edge,
                 .height = edge,
                 .channels = 1,
                 .pixels = std::vector<std::uint8_t>(static_cast<std::size_t>(edge * edge), 90)};
  };
  EXPECT_NE(inline_picture(grey(64), "").find("image/png"), std::string::npos);
  EXPECT_NE(inline_picture(grey(65), "").find("image/jpeg"), std::string::npos);
}

TEST(HeatMap, ShadesByTheShareOfTheRow) {
  const std::string text = heat_map({.names = {"cat", "dog"},
                                     .count =
                                         [](std::size_t row, std::size_t column) {
                                           return row == column ? std::int64_t{9} : std::int64_t{1};
                                         },
                                     .row_total = [](std::size_t) { return std::int64_t{10}; }});
  EXPECT_NE(text.find("<td class=\"hit on\" style=\"--s:0.90\" title=\"cat taken for cat\">9</td>"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("<td class=\"miss\" style=\"--s:0.30\" title=\"cat taken for dog\">1</td>"),
            std::string::npos)
      << text;
}

}  // namespace
}  // namespace millrace::html
