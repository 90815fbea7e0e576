#pragma once

namespace CLI {
class App;
}

namespace millrace::cli {

/// Each adds one verb of `millrace data`.
void add_data_head(CLI::App& data);
void add_data_stat(CLI::App& data);
void add_data_verify(CLI::App& data);
void add_data_convert(CLI::App& data);
void add_data_pack_idx(CLI::App& data);

}  // namespace millrace::cli
