import type { Algorithm } from '../../api/mr';
import { repositoryOf } from '../../base/images';
import type { Channel } from '../../generated/sagemaker';
import { emptyChannel, type Draft } from './draft';

/** Channels that say which images belong to a data set. */
export type ListChannel = 'train_lst' | 'validation_lst';

interface Places {
  /** The list: "s3://…" or "fs-…:/path". */
  readonly source: string;
  readonly images?: string | undefined;
}

interface FileSystem {
  readonly FileSystemId: string;
  readonly FileSystemType: string;
  readonly MountName?: string;
}

const imageType = 'application/x-image';

function algorithmOf(draft: Draft, algorithms: readonly Algorithm[]): Algorithm | undefined {
  const image = repositoryOf(draft.request.AlgorithmSpecification?.TrainingImage);
  return algorithms.find((one) => one.ImageNames.includes(image));
}

/** Whether a list belongs into this draft: its algorithm has such a channel. */
export function takesList(draft: Draft, algorithms: readonly Algorithm[], channel: ListChannel): boolean {
  return algorithmOf(draft, algorithms)?.Channels.some((one) => one.Name === channel) ?? false;
}

function channelAt(name: string, place: string, systems: readonly FileSystem[]): Channel {
  const file = /^(fs-[^:]+):(.*)$/.exec(place);
  if (!file) {
    const empty = emptyChannel(name);
    const source = empty.DataSource.S3DataSource;
    return { ...empty, InputMode: 'File', ContentType: imageType, DataSource: source ? { S3DataSource: { ...source, S3Uri: place } } : empty.DataSource };
  }
  const [, id = '', path = ''] = file;
  const system = systems.find((one) => one.FileSystemId === id);
  // Paths of FSx for Lustre begin with the name that it is mounted under.
  const mount = system?.FileSystemType === 'FSxLustre' && system.MountName ? `/${system.MountName}` : '';
  return {
    ChannelName: name,
    InputMode: 'File',
    ContentType: imageType,
    DataSource: { FileSystemDataSource: { FileSystemId: id, FileSystemType: system?.FileSystemType === 'FSxLustre' ? 'FSxLustre' : 'EFS', FileSystemAccessMode: 'ro', DirectoryPath: `${mount}${path}` } },
  };
}

/** The folder that a list lies in. */
export function folderOf(place: string): string {
  return place.replace(/[^/]*$/, '');
}

/** A draft with the list in its channel and, where there is none yet, the pictures that it names in theirs. */
export function withList(draft: Draft, algorithms: readonly Algorithm[], channel: ListChannel, places: Places, systems: readonly FileSystem[]): Draft {
  const fitting = algorithmOf(draft, algorithms) ?? algorithms.find((one) => one.Channels.some((each) => each.Name === channel));
  const pictures = channel === 'train_lst' ? 'train' : 'validation';
  const channels = (draft.request.InputDataConfig ?? []).filter((one) => one.ChannelName !== channel);
  const hasPictures = channels.some((one) => one.ChannelName === pictures);
  const imagesAt = places.images ?? folderOf(places.source);
  // A channel of a file system is a folder: the one that the list lies in.
  const listAt = places.source.startsWith('fs-') ? folderOf(places.source).replace(/(?<=[^:])\/$/, '') : places.source;
  return {
    kind: 'builtin',
    request: {
      ...draft.request,
      AlgorithmSpecification: { TrainingInputMode: 'File', ...draft.request.AlgorithmSpecification, TrainingImage: draft.request.AlgorithmSpecification?.TrainingImage || (fitting?.Image ?? '') },
      InputDataConfig: [...channels, ...(hasPictures ? [] : [channelAt(pictures, imagesAt, systems)]), channelAt(channel, listAt, systems)],
    },
  };
}
