#include "trainer/algorithms/image_classification/report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "trainer/report/canvas.h"
#include "trainer/vision/transform.h"

namespace millrace::image_classification {
namespace {

constexpr Colour kPaper{250, 250, 248};
constexpr Colour kInk{32, 36, 42};
constexpr Colour kQuiet{112, 118, 128};
constexpr Colour kLine{222, 224, 228};
constexpr Colour kGood{24, 122, 78};
constexpr Colour kBad{190, 52, 44};
constexpr Colour kWhite{255, 255, 255};

constexpr std::int64_t kMargin = 32;
constexpr std::int64_t kGap = 12;
constexpr std::int64_t kCell = 48;      ///< one count of the matrix
constexpr std::int64_t kColumn = 84;    ///< precision, recall, images
constexpr std::int64_t kPicture = 112;  ///< edge of a mistake's picture
constexpr std::int64_t kTileWidth = 196;
constexpr std::int64_t kTileHeight = kPicture + 76;
constexpr std::size_t kMaxMistakes = 20;
constexpr std::size_t kMaxNameLetters = 14;

std::string percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f%%", 100 * share);
  return text;
}

std::string cut(const std::string& name) {
  return name.size() <= kMaxNameLetters ? name : name.substr(0, kMaxNameLetters - 1) + ".";
}

/// From paper to `full` as share goes from 0 to 1; the root makes small shares visible.
Colour shade(double share, Colour full) {
  const double weight = std::sqrt(std::clamp(share, 0.0, 1.0));
  const auto mix = [&](std::uint8_t from, std::uint8_t to) {
    return static_cast<std::uint8_t>(from + weight * (to - from));
  };
  return {mix(kWhite.red, full.red), mix(kWhite.green, full.green), mix(kWhite.blue, full.blue)};
}

/// All classes, or those that are recognised least when there are too many to draw.
std::vector<std::int64_t> shown_classes(const Evaluation& evaluation) {
  std::vector<std::int64_t> classes(static_cast<std::size_t>(evaluation.classes()));
  std::iota(classes.begin(), classes.end(), std::int64_t{0});
  if (evaluation.classes() <= kMaxMatrixClasses) return classes;
  std::stable_sort(classes.begin(), classes.end(), [&](std::int64_t a, std::int64_t b) {
    return evaluation.recall(a) < evaluation.recall(b);
  });
  classes.resize(kMaxMatrixClasses);
  std::sort(classes.begin(), classes.end());
  return classes;
}

/// Draws one part below the other and keeps the place.
class Page {
 public:
  Page(const Evaluation& evaluation, const ImageRecords& records,
       const std::vector<std::string>& names)
      : evaluation_(evaluation),
        records_(records),
        names_(names),
        classes_(shown_classes(evaluation)),
        mistakes_(evaluation.worst(kMaxMistakes)),
        label_width_(widest_name() + kGap),
        canvas_(width(), height(), kPaper) {}

  const Image& draw() {
    draw_heading();
    draw_matrix();
    draw_mistakes();
    return canvas_.image();
  }

 private:
  [[nodiscard]] std::string name(std::int64_t c) const { return cut(class_name(names_, c)); }

  [[nodiscard]] std::int64_t widest_name() const {
    std::int64_t widest = 0;
    for (const std::int64_t c : classes_) widest = std::max(widest, Canvas::text_width(name(c), 2));
    return widest;
  }

  [[nodiscard]] std::int64_t matrix_side() const {
    return static_cast<std::int64_t>(classes_.size()) * kCell;
  }
  [[nodiscard]] std::int64_t tiles_per_row() const {
    return (width() - 2 * kMargin + kGap) / (kTileWidth + kGap);
  }
  [[nodiscard]] std::int64_t width() const {
    return std::max<std::int64_t>(2 * kMargin + label_width_ + matrix_side() + kGap + 3 * kColumn,
                                  2 * kMargin + 4 * (kTileWidth + kGap) - kGap);
  }
  [[nodiscard]] std::int64_t matrix_top() const { return 148 + label_width_; }
  [[nodiscard]] std::int64_t mistakes_top() const { return matrix_top() + matrix_side() + 36; }
  [[nodiscard]] std::int64_t height() const {
    const auto count = static_cast<std::int64_t>(mistakes_.size());
    const std::int64_t rows = (count + tiles_per_row() - 1) / tiles_per_row();
    return mistakes_top() + (count > 0 ? 40 + rows * (kTileHeight + kGap) : 0) + kMargin - kGap;
  }

  void draw_heading() {
    canvas_.text(kMargin, kMargin, percent(evaluation_.accuracy()) + " right", 4, kInk);
    canvas_.text(kMargin, kMargin + 44,
                 std::to_string(evaluation_.right()) + " of " +
                     std::to_string(evaluation_.total()) + " images, " +
                     std::to_string(evaluation_.classes()) + " classes",
                 2, kQuiet);
  }

  void draw_matrix() {
    const std::int64_t left = kMargin + label_width_, top = matrix_top();
    const std::string title = classes_.size() == static_cast<std::size_t>(evaluation_.classes())
                                  ? "Confusion matrix"
                                  : "Confusion matrix of the classes recognised least";
    canvas_.text(kMargin, 122, title, 2, kInk);
    for (std::size_t column = 0; column < classes_.size(); ++column) {
      const std::int64_t x = left + static_cast<std::int64_t>(column) * kCell;
      canvas_.vertical_text(x + (kCell - Canvas::text_height(2)) / 2, top - kGap,
                            name(classes_[column]), 2, kQuiet);
    }
    for (std::size_t row = 0; row < classes_.size(); ++row)
      draw_matrix_row(classes_[row], left, top + static_cast<std::int64_t>(row) * kCell);
    canvas_.frame(left, top, matrix_side(), matrix_side(), kLine);
    const std::int64_t heading = top - kGap - Canvas::text_height(2);
    const std::int64_t right = left + matrix_side() + kGap;
    canvas_.text(right + kColumn - 4, heading, "recall", 2, kQuiet, Align::Right);
    canvas_.text(right + 2 * kColumn - 4, heading, "prec.", 2, kQuiet, Align::Right);
    canvas_.text(right + 3 * kColumn - 4, heading, "images", 2, kQuiet, Align::Right);
    canvas_.text(left, top + matrix_side() + 10, "rows: what it is; columns: what the model said",
                 1, kQuiet);
  }

  void draw_matrix_row(std::int64_t label, std::int64_t left, std::int64_t top) {
    const std::int64_t baseline = top + (kCell - Canvas::text_height(2)) / 2;
    canvas_.text(left - kGap, baseline, name(label), 2, kInk, Align::Right);
    const std::int64_t support = evaluation_.support(label);
    std::int64_t x = left;
    for (const std::int64_t predicted : classes_) {
      const std::int64_t count = evaluation_.count(label, predicted);
      const double share =
          support > 0 ? static_cast<double>(count) / static_cast<double>(support) : 0;
      // Mistakes are shaded three times as strongly as hits: they are what the page is read for.
      canvas_.fill(x, top, kCell, kCell,
                   predicted == label ? shade(share, kGood) : shade(3 * share, kBad));
      canvas_.frame(x, top, kCell + 1, kCell + 1, kLine);
      if (count > 0) {
        const std::string text = std::to_string(count);
        const std::int64_t scale = text.size() <= 3 ? 2 : 1;
        const bool dark = predicted == label ? share > 0.3 : share > 0.12;
        canvas_.text(x + kCell / 2, top + (kCell - Canvas::text_height(scale)) / 2, text, scale,
                     dark ? kWhite : kInk, Align::Centre);
      }
      x += kCell;
    }
    x += kGap;
    canvas_.text(x + kColumn - 4, baseline, percent(evaluation_.recall(label)), 2, kInk,
                 Align::Right);
    canvas_.text(x + 2 * kColumn - 4, baseline, percent(evaluation_.precision(label)), 2, kInk,
                 Align::Right);
    canvas_.text(x + 3 * kColumn - 4, baseline, std::to_string(support), 2, kQuiet, Align::Right);
  }

  void draw_mistakes() {
    if (mistakes_.empty()) return;
    canvas_.text(kMargin, mistakes_top(), "Most confident mistakes", 2, kInk);
    for (std::size_t i = 0; i < mistakes_.size(); ++i) {
      const std::int64_t column = static_cast<std::int64_t>(i) % tiles_per_row(),
                         row = static_cast<std::int64_t>(i) / tiles_per_row();
      draw_tile(mistakes_[i], kMargin + column * (kTileWidth + kGap),
                mistakes_top() + 40 + row * (kTileHeight + kGap));
    }
  }

  void draw_tile(const Answer& mistake, std::int64_t left, std::int64_t top) {
    canvas_.fill(left, top, kTileWidth, kTileHeight, kWhite);
    canvas_.frame(left, top, kTileWidth, kTileHeight, kLine);
    std::string scratch;
    const Image original =
        decode_image(records_.image(mistake.record, scratch), records_.name(mistake.record));
    const std::int64_t longer = std::max(original.width, original.height);
    const Image image =
        resized(original, std::max<std::int64_t>(1, original.width * kPicture / longer),
                std::max<std::int64_t>(1, original.height * kPicture / longer));
    canvas_.picture(left + (kTileWidth - image.width) / 2, top + 8 + (kPicture - image.height) / 2,
                    image);
    const std::int64_t text = top + kPicture + 16;
    canvas_.text(left + 8, text, "is " + name(mistake.label), 2, kGood);
    canvas_.text(left + 8, text + 19, name(mistake.predicted) + "?", 2, kBad);
    canvas_.text(left + kTileWidth - 8, text + 44,
                 percent(mistake.confidence) + " sure, record " + std::to_string(mistake.record), 1,
                 kQuiet, Align::Right);
  }

  const Evaluation& evaluation_;
  const ImageRecords& records_;
  const std::vector<std::string>& names_;
  std::vector<std::int64_t> classes_;
  std::vector<Answer> mistakes_;
  std::int64_t label_width_;
  Canvas canvas_;
};

}  // namespace

Image draw_report(const Evaluation& evaluation, const ImageRecords& records,
                  const std::vector<std::string>& class_names) {
  return Page(evaluation, records, class_names).draw();
}

}  // namespace millrace::image_classification
