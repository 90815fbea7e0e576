#pragma once

#include <filesystem>

namespace CLI {
class App;
}

namespace millrace::cli {

/// `millrace outposts`, as the commands of commands.h.
void add_outposts_commands(CLI::App& app, std::filesystem::path& data_dir);

}  // namespace millrace::cli
