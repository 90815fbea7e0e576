#include "trainer/algorithms/image_classification/evaluation_report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "trainer/algorithms/image_classification/broken_report.h"
#include "trainer/report/contact_sheet.h"
#include "trainer/report/gallery.h"
#include "trainer/report/heat_map.h"
#include "trainer/report/html_table.h"
#include "trainer/report/palette.h"
#include "trainer/report/report_page.h"
#include "trainer/report/thumbnail.h"

namespace millrace::image_classification {
namespace {

constexpr std::size_t kConfusions = 20;
/// Pixels of a mistake's longer edge in the page; twice what is shown, for screens of fine pixels.
constexpr std::int64_t kPagePicture = 264;

std::string four_digits(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4f", value);
  return text;
}

std::string confusion_matrix(const MeasuredModel& measured) {
  html::HeatMap map{.names = {},
                    .count =
                        [&](std::size_t row, std::size_t column) {
                          return measured.evaluation.count(static_cast<std::int64_t>(row),
                                                           static_cast<std::int64_t>(column));
                        },
                    .row_total =
                        [&](std::size_t row) {
                          return measured.evaluation.support(static_cast<std::int64_t>(row));
                        }};
  for (std::int64_t c = 0; c < measured.evaluation.classes(); ++c)
    map.names.push_back(measured.name(c));
  return html::heat_map(map);
}

std::string confusion_table(const MeasuredModel& measured) {
  std::vector<std::vector<html::Cell>> rows;
  for (const Evaluation::Confusion& each : measured.evaluation.commonest_confusions(kConfusions)) {
    const auto support = static_cast<double>(measured.evaluation.support(each.label));
    rows.push_back({{.text = measured.name(each.label)},
                    {.text = measured.name(each.predicted)},
                    html::count_cell(each.images),
                    html::share_cell(static_cast<double>(each.images) / support)});
  }
  return html::table({{.name = "is"},
                      {.name = "called"},
                      {.name = "images", .number = true},
                      {.name = "of the class", .number = true}},
                     rows);
}

std::string class_table(const MeasuredModel& measured) {
  const Evaluation& evaluation = measured.evaluation;
  std::vector<std::vector<html::Cell>> rows;
  for (std::int64_t c = 0; c < evaluation.classes(); ++c) {
    rows.push_back({{.text = measured.name(c)},
                    html::share_cell(evaluation.precision(c)),
                    html::share_cell(evaluation.recall(c)),
                    html::share_cell(evaluation.f1(c)),
                    html::count_cell(evaluation.support(c))});
  }
  return html::table({{.name = "class"},
                      {.name = "precision", .number = true},
                      {.name = "recall", .number = true},
                      {.name = "F1", .number = true},
                      {.name = "images", .number = true}},
                     rows);
}

/// A mistake in both forms: decoded once.
struct ShownMistakes {
  std::vector<SheetTile> tiles;
  std::vector<html::GalleryPicture> pictures;
};

ShownMistakes shown_mistakes(const MeasuredModel& measured) {
  ShownMistakes shown;
  std::string scratch;
  for (const Answer& mistake : measured.evaluation.worst(measured.mistakes)) {
    const Image image = decode_image(measured.images.image(mistake.image, scratch),
                                     measured.images.name(mistake.image));
    const std::string label = measured.name(mistake.label),
                      predicted = measured.name(mistake.predicted),
                      reference = measured.images.reference(mistake.image),
                      sure = html::percent(mistake.confidence) + " sure",
                      of_label = "label " + html::percent(std::exp(-mistake.loss));
    shown.tiles.push_back(
        {.picture = thumbnail(image, kSheetPicture),
         .lines = {{.text = "is " + label, .colour = palette::kGood},
                   {.text = predicted + "?", .colour = palette::kBad},
                   {.text = sure + ", " + of_label, .colour = palette::kQuiet, .scale = 1},
                   {.text = std::filesystem::path(reference).filename().string(),
                    .colour = palette::kQuiet,
                    .scale = 1}}});
    const std::int64_t longer = std::max(image.width, image.height);
    shown.pictures.push_back({.picture = thumbnail(image, std::min(longer, kPagePicture)),
                              .good = "is " + label,
                              .bad = "called " + predicted,
                              .notes = {sure, of_label, reference}});
  }
  return shown;
}

std::string page(const MeasuredModel& measured, const Json& figures,
                 const std::vector<html::GalleryPicture>& mistakes) {
  const Evaluation& evaluation = measured.evaluation;
  const Averages macro = evaluation.macro_averages();
  html::ReportPage page(html::percent(evaluation.accuracy()) + " of " +
                            std::to_string(evaluation.total()) + " images right",
                        measured.model + " on " + measured.data);
  std::vector<std::pair<std::string, std::string>> shown{
      {"accuracy", html::percent(evaluation.accuracy())},
      {"top-" + std::to_string(measured.top_k),
       html::percent(evaluation.top_k_accuracy(measured.top_k))},
      {"mean precision", html::percent(macro.precision)},
      {"mean recall", html::percent(macro.recall)},
      {"mean F1", html::percent(macro.f1)},
      {"cross-entropy", four_digits(evaluation.mean_loss())},
      {"images", std::to_string(evaluation.total())},
      {"classes", std::to_string(evaluation.classes())}};
  add_broken_figure(shown, figures);
  page.add_figures(shown);
  if (evaluation.classes() <= kMaxShownClasses) {
    page.add_section("Confusion matrix",
                     "Rows: what it is. Columns: what the model called it. Mistakes are shaded "
                     "three times as strongly as hits.",
                     confusion_matrix(measured));
  }
  if (evaluation.right() < evaluation.total())
    page.add_section("Commonest confusions", "", confusion_table(measured));
  page.add_section("Classes",
                   "Precision: of the images called so, the share that is. Recall: of the images "
                   "that are, the share called so. Press a heading to sort.",
                   class_table(measured));
  if (!mistakes.empty()) {
    page.add_section(
        "Worst mistakes",
        "Where the model gave the label the least probability: " + std::to_string(mistakes.size()) +
            " of " + std::to_string(evaluation.total() - evaluation.right()) + ".",
        html::gallery(mistakes));
  }
  add_broken_section(page, figures);
  return page.text();
}

}  // namespace

Report make_report(const MeasuredModel& measured, const Json& figures) {
  const ShownMistakes shown = shown_mistakes(measured);
  const std::int64_t wrong = measured.evaluation.total() - measured.evaluation.right();
  return {.html = page(measured, figures, shown.pictures),
          .mistakes = draw_contact_sheet(
              "Worst mistakes",
              std::to_string(shown.tiles.size()) + " of " + std::to_string(wrong) + ", " +
                  html::percent(measured.evaluation.accuracy()) + " of " +
                  std::to_string(measured.evaluation.total()) + " images right",
              shown.tiles, "The model was right every time.")};
}

}  // namespace millrace::image_classification
