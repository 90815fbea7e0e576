#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/data/lst.h"
#include "core/lists/list.h"

namespace millrace::lists {

/// "0 3 a.jpg; 1 4 b.jpg" is a list of two rows: blanks stand for tabs.
inline List list_of(std::string text, std::string origin = "train.lst") {
  for (char& c : text) {
    if (c == ' ') c = '\t';
    if (c == ';') c = '\n';
  }
  return List::parse(std::move(text), std::move(origin));
}

/// Rows as LstWriter writes them, in the notation of list_of().
inline std::string text_of(const std::vector<LstRow>& rows) {
  StringSink sink;
  LstWriter writer(sink);
  for (const LstRow& row : rows) writer.write_row(row);
  std::string text = sink.text();
  if (!text.empty()) text.pop_back();
  for (char& c : text) {
    if (c == '\t') c = ' ';
    if (c == '\n') c = ';';
  }
  return text;
}

/// What Error says that `act` throws; "accepted" when it throws none.
template <class Act>
std::string refusal_of(const Act& act) {
  try {
    (void)act();
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace millrace::lists
