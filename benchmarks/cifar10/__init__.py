"""CIFAR-10: perceptrons and convolutional nets beside what needs no net."""
