#pragma once

#include <cstdint>
#include <limits>

#include "core/io/byte_source.h"

namespace millrace {

struct PackIdxOptions {
  std::int64_t first_record = 0;  ///< leave out what comes before, to split a data set
  std::int64_t max_records = std::numeric_limits<std::int64_t>::max();  ///< stop after so many
};

/// Packs a labelled IDX data set (MNIST, Fashion-MNIST; already unpacked if it was .gz) into
/// RecordIO, one grey PNG per record, in the order of the files, ids from 0. Returns the number of
/// records.
///
/// Holds the whole data set in memory (47 MB for 60,000 images of 28 x 28). Throws Error(Customer)
/// when the two files disagree or are not IDX, Error(Platform) where this build has no PNG encoder.
std::int64_t pack_idx(ByteSource& images, ByteSource& labels, ByteSink& out,
                      const PackIdxOptions& options = {});

}  // namespace millrace
