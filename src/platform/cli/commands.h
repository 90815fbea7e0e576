#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace millrace::cli {

/// What the process ends with.
struct ExitStatus {
  int done = 0;    ///< when the verb returns
  int failed = 1;  ///< when it throws Error
};

/// Each adds one noun with its verbs to the command line. The chosen verb runs while the arguments are parsed, prints
/// its result on standard output and throws Error when it cannot do what was asked. `data_dir` is filled by the parser
/// and must outlive the app.
void add_env_command(CLI::App& app, std::filesystem::path& data_dir);
void add_jobs_commands(CLI::App& app, std::filesystem::path& data_dir);
void add_images_commands(CLI::App& app, std::filesystem::path& data_dir);
void add_users_commands(CLI::App& app, std::filesystem::path& data_dir);
void add_audit_commands(CLI::App& app, std::filesystem::path& data_dir);
void add_file_systems_commands(CLI::App& app, std::filesystem::path& data_dir);
void add_data_commands(CLI::App& app);
void add_rec_commands(CLI::App& app);
void add_run_command(CLI::App& app, std::filesystem::path& data_dir, const std::vector<std::string>& command,
                     ExitStatus& status);
void add_kit_command(CLI::App& app, std::filesystem::path& data_dir);
void add_lst_commands(CLI::App& app, std::filesystem::path& data_dir, ExitStatus& status);

/// Of `millrace run [OPTIONS] -- COMMAND ...` the command, which is taken off the arguments: the parser of options would
/// read its own into it. Empty for every other verb, and where "--" is missing.
std::vector<std::string> take_command(int& argc, char** argv);

/// The option --data-dir of a verb that talks to a daemon.
void add_data_dir_option(CLI::App& verb, std::filesystem::path& data_dir);

}  // namespace millrace::cli
