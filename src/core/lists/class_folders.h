#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::lists {

/// Which folder of a picture's path is its class.
enum class ClassFolder {
  First,  ///< the first of the path, whatever lies below it
  Last,   ///< the folder that the picture lies in, as im2rec --recursive has it
};

/// Names of classes and their labels.
using ClassNames = std::map<std::string, std::int64_t>;

/// The class folder of a path; empty for a file that lies in none.
std::string_view class_folder(std::string_view path, ClassFolder which);

/// Labels for class folders: whole numbers stand for themselves where all are (0/, 1/, 7/), others
/// are numbered from 0 in the order of their bytes. `folders` may repeat names.
ClassNames number_classes(const std::vector<std::string>& folders);

/// A class file, which keeps the labels of several lists alike: a line a class, `label TAB name`,
/// or just names, which are numbered from 0. Blank lines and lines with '#' first are passed over.
/// Throws Error(Customer) "<origin>, line N: ..." for a line that is neither and for a label or
/// name that comes twice.
ClassNames parse_class_names(std::string_view text, std::string_view origin);
/// As parse_class_names() reads it, ascending by label.
std::string format_class_names(const ClassNames& names);

}  // namespace millrace::lists
