#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace millrace {

/// One file of a ZIP archive in memory.
struct ZipMember {
  std::string name;
  std::string content;
};

/// An archive whose members are stored, not packed: weights hardly shrink, and readers of models
/// unpack nothing. Dates are 1980-01-01, so that equal content gives equal bytes. Throws
/// Error(Platform) above 4 GiB, where the format's own fields end.
/// Source: PKWARE, APPNOTE.TXT 6.3.
std::string write_zip(const std::vector<ZipMember>& members);

/// Content by name, of stored members. Throws Error(Customer) "<origin>, byte N: ..." for damaged
/// bytes and for members that are packed or encrypted.
std::map<std::string, std::string> read_zip(std::string_view bytes, std::string_view origin);

}  // namespace millrace
