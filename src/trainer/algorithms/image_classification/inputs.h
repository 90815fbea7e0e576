#pragma once

#include <cstdint>
#include <memory>

#include "core/data/manifest_labels.h"
#include "trainer/algorithms/image_classification/hyperparameters.h"
#include "trainer/job/job.h"
#include "trainer/vision/image_batches.h"
#include "trainer/vision/image_set.h"

namespace millrace::image_classification {

/// How labelled images come. Each channel has a form of its own: a training set may be streamed and
/// the validation set be files.
///
///   RecordFiles   RecordIO in File or FastFile mode
///   ListedFiles   JPEG and PNG files in File or FastFile mode, with a list in `<channel>_lst`
///   RecordStream  RecordIO in Pipe mode: image records, or image and label of an augmented
///   manifest
enum class InputForm { RecordFiles, ListedFiles, RecordStream };

/// The form of `train` or `validation`, which the job must have. Throws Error(Customer) naming the
/// channel where content type, input mode and list channel do not go together.
InputForm form_of(const Job& job, const Channel& channel);

/// Throws Error(Customer) for a channel of a name the algorithm does not know, for one that has no
/// form, for a missing `train`, for `resize` missing where images are listed, for a label-format of
/// multi-label training that the channel's form does not have, and for several instances.
void check_channels(const Job& job, const Hyperparameters& h);

/// What the ContentType's label-format says of the labels of an augmented manifest that have
/// several classes.
ClassListForm class_list_of(const Channel& channel);

/// The images of a channel that is not streamed.
std::unique_ptr<ImageSet> open_images(const Job& job, const Channel& channel,
                                      const Hyperparameters& h);

/// Throws Error(Customer) when `images`, the size of channel train, is less than a mini-batch;
/// warns in the log when it is not num_training_samples.
void check_training_size(Job& job, const Hyperparameters& h, std::int64_t images);
/// Only the former: for what is left of the channel without its broken images.
void check_batch_size(const Hyperparameters& h, std::int64_t images);

LoaderOptions loader_options(const Hyperparameters& h, bool training, int threads);

}  // namespace millrace::image_classification
