#pragma once

#include <string>
#include <string_view>

namespace millrace::runner {

/// The place that an archive's member has below the directory it is unpacked into: parts joined by
/// '/', none of them empty, "." or ".."; empty for the directory itself. Throws Error(Customer)
/// "<where>: ..." for a name that is absolute, leads out or has a part that no file can have.
std::string archive_path(std::string_view name, const std::string& where);

/// Throws Error(Customer) "<where>: ..." unless the target of a symbolic link at `path` (as
/// archive_path() gives it) leads to something inside the directory: it is relative, and ".."
/// stands at its beginning only, at most once for each directory that `path` lies in. Then it stays
/// inside whatever other links of this kind it meets: each begins in a real directory, goes up no
/// further than the root, and from there on only down.
void check_archive_link(std::string_view path, std::string_view target, const std::string& where);

}  // namespace millrace::runner
