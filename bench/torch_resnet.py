"""The ResNet (v2) of image-classification in PyTorch, as the peer of benchmarks."""

from torch import nn
from torch.nn import functional as F

EPS = 2e-5


class Unit(nn.Module):
    def __init__(self, inputs, filters, stride, changes, bottleneck):
        super().__init__()
        widths = [filters // 4, filters // 4, filters] if bottleneck else [filters, filters]
        kernels = [1, 3, 1] if bottleneck else [3, 3]
        strides = [1, stride, 1] if bottleneck else [stride, 1]
        ins = [inputs, *widths[:-1]]
        self.norms = nn.ModuleList(nn.BatchNorm2d(i, eps=EPS) for i in ins)
        self.convolutions = nn.ModuleList(nn.Conv2d(i, o, k, s, k // 2, bias=False) for i, o, k, s in zip(ins, widths, kernels, strides))
        self.shortcut = nn.Conv2d(inputs, filters, 1, stride, bias=False) if changes else None

    def forward(self, x):
        first = F.relu(self.norms[0](x), inplace=True)
        body = self.convolutions[0](first)
        for norm, convolution in zip(self.norms[1:], self.convolutions[1:]):
            body = convolution(F.relu(norm(body), inplace=True))
        return body + (self.shortcut(first) if self.shortcut is not None else x)


def network(layers, edge, classes=10):
    """For images of 3 x edge x edge; at most 28 pixels take the three stages of CIFAR's networks."""
    if edge <= 28:
        stem, filters, units, bottleneck = 16, (16, 32, 64), [(layers - 2) // 6] * 3, False
    else:
        bottleneck = layers >= 50
        stem, filters = 64, (256, 512, 1024, 2048) if bottleneck else (64, 128, 256, 512)
        units = {18: [2, 2, 2, 2], 34: [3, 4, 6, 3], 50: [3, 4, 6, 3]}[layers]
    parts = [nn.BatchNorm2d(3, eps=EPS)]
    parts[0].weight.requires_grad = False  # bn_data's gamma is fixed to 1
    if edge <= 32:
        parts.append(nn.Conv2d(3, stem, 3, 1, 1, bias=False))
    else:
        parts += [nn.Conv2d(3, stem, 7, 2, 3, bias=False), nn.BatchNorm2d(stem, eps=EPS), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1)]
    inputs = stem
    for stage, (width, count) in enumerate(zip(filters, units)):
        for unit in range(count):
            parts.append(Unit(inputs, width, 2 if unit == 0 and stage > 0 else 1, unit == 0, bottleneck))
            inputs = width
    return nn.Sequential(*parts, nn.BatchNorm2d(inputs, eps=EPS), nn.ReLU(inplace=True), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
                         nn.Linear(inputs, classes))


def initialise(net):
    """As image-classification does: Gaussian weights of variance 2 / fan_in, biases 0."""
    for part in net.modules():
        if isinstance(part, (nn.Conv2d, nn.Linear)):
            nn.init.kaiming_normal_(part.weight, mode="fan_in", nonlinearity="relu")
            if part.bias is not None:
                nn.init.zeros_(part.bias)
