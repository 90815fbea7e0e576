#pragma once

#include "generated/aws/control/types.h"
#include "platform/containers/image_record.h"

namespace millrace::catalog {

/// The record as our own operations tell of it.
wire::control::ContainerImage wire_container(const containers::ImageRecord& record);

/// Puts the export that a name was given to in the place of the one that was unpacked first: the
/// same image may be exported in several ways.
void note_export(const wire::control::ImageExport& from, containers::ImageRecord& record);

}  // namespace millrace::catalog
