#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string_view>

#include "core/data/lst.h"

namespace millrace::lists {

/// What classes may be called: a class is named after the folder that most of its pictures lie in,
/// three in five or more, since mislabelled pictures are what one looks for. Of lists with one
/// class a row. Classes whose pictures lie anywhere, whose folder is their number, or that share
/// their folder with another class, have no name. The names are views of the rows' paths.
std::map<std::int64_t, std::string_view> class_names(std::span<const LstRow> rows);

}  // namespace millrace::lists
