#include "trainer/algorithms/image_classification/label_report.h"

#include <vector>

#include "core/io/file.h"
#include "trainer/algorithms/image_classification/broken_report.h"
#include "trainer/report/html_table.h"
#include "trainer/report/report_page.h"

namespace millrace::image_classification {
namespace {

std::string page(const Json& figures) {
  std::vector<std::vector<html::Cell>> rows;
  for (const Json& each : figures["classes"]) {
    std::vector<html::Cell> row{{.text = each["name"].get<std::string>()}};
    for (const char* member : {"precision", "recall", "f1"})
      row.push_back(html::share_cell(each[member].get<double>()));
    row.push_back(html::count_cell(each["images"].get<std::int64_t>()));
    rows.push_back(std::move(row));
  }
  const std::string accuracy = html::percent(figures["accuracy"].get<double>());
  html::ReportPage page(
      accuracy + " of answers right, averaged over classes",
      figures["model"].get<std::string>() + " on " + figures["data"].get<std::string>());
  std::vector<std::pair<std::string, std::string>> shown{{"average accuracy", accuracy},
                                                         {"images", figures["images"].dump()},
                                                         {"classes", std::to_string(rows.size())}};
  add_broken_figure(shown, figures);
  page.add_figures(shown);
  page.add_section("Classes",
                   "An image is said to have a class whose probability is above a half. "
                   "Press a heading to sort.",
                   html::table({{.name = "class"},
                                {.name = "precision", .number = true},
                                {.name = "recall", .number = true},
                                {.name = "F1", .number = true},
                                {.name = "images", .number = true}},
                               rows));
  add_broken_section(page, figures);
  return page.text();
}

}  // namespace

void write_label_evaluation(const std::filesystem::path& folder, const Json& figures) {
  write_file_durably(folder / "evaluation.json", to_text(figures) + "\n");
  write_file_durably(folder / "report.html", page(figures));
}

}  // namespace millrace::image_classification
