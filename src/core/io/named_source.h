#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/io/byte_source.h"

namespace millrace {

/// One file of several that are read one after the other; messages call it `name`.
struct NamedSource {
  std::string name;
  std::unique_ptr<ByteSource> source;
};

/// Opens the next file; nullopt after the last.
using NextSource = std::function<std::optional<NamedSource>()>;

}  // namespace millrace
