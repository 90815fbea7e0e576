import { expect, it } from 'vitest';
import { repositoryOf } from './images';

it('knows an image by its repository, without registry, tag and digest', () => {
  expect(['111122223333.dkr.ecr.us-east-1.amazonaws.com/kmeans:1', 'kmeans', 'localhost:5000/team/own@sha256:ab', ''].map(repositoryOf)).toEqual(['kmeans', 'kmeans', 'own', '']);
  expect(repositoryOf(undefined)).toBe('');
});
