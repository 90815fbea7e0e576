#pragma once

#include <span>

#include "platform/console/assets.h"

namespace millrace::console {

/// The files of the web console that this program was built with, by path; empty where it was built
/// without. Written by tools/embed_console.py.
std::span<const Asset> embedded_files();

}  // namespace millrace::console
