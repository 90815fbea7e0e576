#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace millrace::html {

/// A report as one HTML file that needs no other: styles for light and dark, for paper and for
/// phones inside, no request to anywhere (its Content-Security-Policy forbids it).
///
///     ReportPage page("How model.tar.gz does on test.rec");
///     page.add_figures({{"accuracy", "93.1 %"}});
///     page.add_section("Confusion matrix", heat_map(...));
///     write_file_durably("report.html", page.text());
///
/// Titles and figures are plain text and escaped here; the content of a section is HTML.
class ReportPage {
 public:
  /// `below` stands below the title, smaller.
  ReportPage(std::string_view title, std::string_view below);

  /// A row of figures, each under its name.
  void add_figures(const std::vector<std::pair<std::string, std::string>>& figures);
  /// `note` explains how to read the section; may be empty.
  void add_section(std::string_view title, std::string_view note, std::string_view content);

  [[nodiscard]] std::string text() const;

 private:
  std::string title_;
  std::string body_;
};

}  // namespace millrace::html
