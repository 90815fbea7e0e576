#pragma once

namespace CLI {
class App;
}

namespace millrace::cli {

/// Each adds one verb of `millrace rec`.
void add_rec_pack(CLI::App& rec);
void add_rec_unpack(CLI::App& rec);
void add_rec_list(CLI::App& rec);

}  // namespace millrace::cli
