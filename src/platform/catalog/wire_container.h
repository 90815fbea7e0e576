#pragma once

#include "generated/aws/control/types.h"
#include "platform/containers/image_record.h"
#include "platform/containers/image_store.h"

namespace millrace::catalog {

/// The record as our own operations tell of it.
wire::control::ContainerImage wire_container(const containers::ImageRecord& record);

/// Puts the export that a name was given to in the place of the one that was unpacked first: the
/// same image may be exported in several ways. Whoever registers it is not believed about its
/// digest: throws Error(Customer, ValidationException) unless that is the image's own, or that of a
/// manifest of it in `store`.
void note_export(const wire::control::ImageExport& from, const containers::ImageStore& store,
                 containers::ImageRecord& record);

}  // namespace millrace::catalog
