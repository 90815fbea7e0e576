"""Learns handwritten digits: a training script as it is written for SageMaker's PyTorch containers."""

import argparse
import csv
import os

import torch
from torch.nn.functional import cross_entropy


def read(path):
    """Labels and pixels in 0..1 of a CSV with a label and 64 pixels a row."""
    with open(path) as file:
        rows = torch.tensor([[float(cell) for cell in row] for row in csv.reader(file)])
    return rows[:, 0].long(), rows[:, 1:] / 16


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--batch-size", type=int, default=50)
    parser.add_argument("--lr", type=float, default=0.01)
    parser.add_argument("--train", default=os.environ.get("SM_CHANNEL_TRAIN"))
    parser.add_argument("--validation", default=os.environ.get("SM_CHANNEL_VALIDATION"))
    parser.add_argument("--model-dir", default=os.environ.get("SM_MODEL_DIR"))
    args = parser.parse_args()

    torch.manual_seed(0)
    labels, images = read(os.path.join(args.train, "digits.csv"))
    held_labels, held_images = read(os.path.join(args.validation, "digits.csv"))
    model = torch.nn.Sequential(torch.nn.Linear(64, 32), torch.nn.ReLU(), torch.nn.Linear(32, 10))
    optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
    for epoch in range(args.epochs):
        for batch in torch.randperm(len(labels)).split(args.batch_size):
            optimizer.zero_grad()
            loss = cross_entropy(model(images[batch]), labels[batch])
            loss.backward()
            optimizer.step()
        accuracy = (model(held_images).argmax(1) == held_labels).float().mean().item()
        print(f"epoch={epoch} loss={loss.item():.4f} validation:accuracy={accuracy:.4f}")
    # As TorchScript the model needs no code where it is served.
    torch.jit.save(torch.jit.script(model), os.path.join(args.model_dir, "model.pth"))


if __name__ == "__main__":
    main()
