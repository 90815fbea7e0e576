import { describe, expect, it } from 'vitest';
import type { Algorithm } from '../../api/mr';
import { emptyDraft } from './draft';
import { takesList, withList } from './listChannel';

const channel = (name: string) => ({ Name: name, Required: false, ContentTypes: [], InputModes: ['File'] });
const described = (name: string, channels: readonly string[]): Algorithm => ({
  Name: name, Summary: '', ImageNames: [name], Image: `111122223333.dkr.ecr.us-east-1.amazonaws.com/${name}:1`, Distributed: false,
  Channels: channels.map(channel), Hyperparameters: [], Metrics: [],
});
const algorithms = [described('linear-learner', ['train']), described('image-classification', ['train', 'train_lst', 'validation_lst'])];
const systems = [
  { FileSystemId: 'fs-c0de3680', FileSystemType: 'EFS' },
  { FileSystemId: 'fs-0cd42e47', FileSystemType: 'FSxLustre', MountName: 'k4jhtbmv' },
];
const channelsOf = (draft: ReturnType<typeof withList>) => Object.fromEntries((draft.request.InputDataConfig ?? []).map((one) => [one.ChannelName, one.DataSource]));

describe('training with a list', () => {
  it('takes the algorithm that has such a channel, the list, and the pictures beside it', () => {
    const draft = withList(emptyDraft('1'), algorithms, 'train_lst', { source: 's3://data/pets/train.lst' }, []);
    expect(draft.request.AlgorithmSpecification?.TrainingImage).toContain('image-classification');
    expect(channelsOf(draft)).toMatchObject({
      train: { S3DataSource: { S3Uri: 's3://data/pets/' } },
      train_lst: { S3DataSource: { S3Uri: 's3://data/pets/train.lst' } },
    });
  });

  it('adds to a draft that is there, and keeps its pictures', () => {
    const first = withList(emptyDraft('1'), algorithms, 'train_lst', { source: 's3://data/a.lst', images: 's3://data/images/' }, []);
    expect(takesList(first, algorithms, 'validation_lst')).toBe(true);
    expect(takesList(emptyDraft('1'), algorithms, 'validation_lst')).toBe(false);
    const both = withList(first, algorithms, 'validation_lst', { source: 's3://data/b.lst' }, []);
    const again = withList(both, algorithms, 'train_lst', { source: 's3://data/c.lst' }, []);
    expect(Object.keys(channelsOf(again)).sort()).toEqual(['train', 'train_lst', 'validation', 'validation_lst']);
    expect(channelsOf(again)).toMatchObject({ train: { S3DataSource: { S3Uri: 's3://data/images/' } }, train_lst: { S3DataSource: { S3Uri: 's3://data/c.lst' } } });
  });

  it('names a file system with the folder of the list, below its mount name for Lustre', () => {
    const efs = withList(emptyDraft('1'), algorithms, 'train_lst', { source: 'fs-c0de3680:/lists/train.lst', images: 'fs-0cd42e47:/pets' }, systems);
    expect(channelsOf(efs)).toMatchObject({
      train: { FileSystemDataSource: { FileSystemId: 'fs-0cd42e47', FileSystemType: 'FSxLustre', FileSystemAccessMode: 'ro', DirectoryPath: '/k4jhtbmv/pets' } },
      train_lst: { FileSystemDataSource: { FileSystemId: 'fs-c0de3680', FileSystemType: 'EFS', DirectoryPath: '/lists' } },
    });
  });
});
