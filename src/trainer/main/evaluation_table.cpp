#include "trainer/main/evaluation_table.h"

#include <algorithm>
#include <cstdio>
#include <vector>

#include "core/base/text.h"

namespace millrace {
namespace {

constexpr std::size_t kMaxNameBytes = 24;

/// A name of whatever bytes cannot move the cursor or colour the terminal.
std::string shown(const Json& name) {
  return printable(name.get<std::string>(), kMaxNameBytes);
}

std::string padded(const std::string& text, std::size_t width) {
  const std::size_t length = utf8_length(text);
  return length < width ? text + std::string(width - length, ' ') : text;
}

std::string at_right(const std::string& text, std::size_t width) {
  const std::size_t length = utf8_length(text);
  return length < width ? std::string(width - length, ' ') + text : text;
}

std::string four_digits(const Json& value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4f", value.get<double>());
  return text;
}

std::string row(const std::string& name, std::size_t width, const Json& figures,
                const std::string& images) {
  std::string text = padded(name, width);
  for (const char* member : {"precision", "recall", "f1"})
    text += at_right(four_digits(figures.at(member)), 11);
  return text + at_right(images, 9) + "\n";
}

std::string matrix(const Json& evaluation, const std::vector<std::string>& names,
                   std::size_t name_width) {
  // Columns are numbered: twenty names beside each other fit no terminal.
  std::size_t width = 4;
  for (const Json& line : evaluation["confusion"]) {
    for (const Json& count : line) width = std::max(width, count.dump().size());
  }
  std::string text = "\nrows: what it is; columns: what the model called it\n\n" +
                     std::string(name_width + 4, ' ');
  for (std::size_t c = 0; c < names.size(); ++c)
    text += " " + at_right("[" + std::to_string(c) + "]", width);
  text += "\n";
  for (std::size_t label = 0; label < names.size(); ++label) {
    text +=
        at_right("[" + std::to_string(label) + "]", 4) + " " + padded(names[label], name_width - 1);
    for (const Json& count : evaluation["confusion"][label])
      text += " " + at_right(count == 0 ? "." : count.dump(), width);
    text += "\n";
  }
  return text;
}

}  // namespace

std::string evaluation_table(const Json& evaluation) {
  std::vector<std::string> names;
  std::size_t width = std::string_view("weighted average").size();
  for (const Json& each : evaluation["classes"]) {
    names.push_back(shown(each["name"]));
    width = std::max(width, utf8_length(names.back()));
  }
  width += 1;
  const std::string images = evaluation["images"].dump();
  std::string text =
      "accuracy        " + four_digits(evaluation["accuracy"]) + " on " + images + " images\n";
  if (evaluation["broken"] != 0) {
    text += "left out        " + evaluation["broken"].dump() +
            (evaluation["broken"] == 1 ? " broken image\n" : " broken images\n");
  }
  const bool one_label = evaluation.contains("top_k");
  if (one_label) {
    text += padded("top-" + evaluation["top_k"].dump() + " accuracy", 16) +
            four_digits(evaluation["top_k_accuracy"]) + "\n" + "cross-entropy   " +
            four_digits(evaluation["loss"]) + "\n";
  }
  text += "\n" + padded("class", width) + "  precision     recall         f1   images\n";
  for (std::size_t i = 0; i < names.size(); ++i) {
    const Json& each = evaluation["classes"][i];
    text += row(names[i], width, each, each["images"].dump());
  }
  if (!one_label) return text;
  text += "\n" + row("macro average", width, evaluation["macro_average"], images) +
          row("weighted average", width, evaluation["weighted_average"], images);
  if (names.size() <= kMaxPrintedClasses && evaluation.contains("confusion"))
    text += matrix(evaluation, names, width);
  return text;
}

}  // namespace millrace
