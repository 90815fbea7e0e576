#pragma once

#include <filesystem>

#include "platform/cli/commands.h"

namespace millrace::cli {

/// Each adds one verb, or a few of a kind, of `millrace lst`.
void add_lst_create(CLI::App& lst, std::filesystem::path& data_dir);
void add_lst_cat(CLI::App& lst);
void add_lst_stat(CLI::App& lst);
void add_lst_check(CLI::App& lst, std::filesystem::path& data_dir, ExitStatus& status);
void add_lst_add(CLI::App& lst, std::filesystem::path& data_dir);
void add_lst_relabel(CLI::App& lst);
void add_lst_replace(CLI::App& lst, std::filesystem::path& data_dir);
void add_lst_remap(CLI::App& lst);
void add_lst_sort(CLI::App& lst);
void add_lst_sample(CLI::App& lst);
void add_lst_diff(CLI::App& lst, std::filesystem::path& data_dir, ExitStatus& status);
void add_lst_merge(CLI::App& lst, ExitStatus& status);

}  // namespace millrace::cli
