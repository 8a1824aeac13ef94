"""`cifar_mlp_course_small`: the course work's smaller perceptron on CIFAR-10, 3072-100-20-10, without dropout."""

from training.recipes import cifar_mlp_course

recipe = cifar_mlp_course.plain("cifar_mlp_course_small", (100, 20), dropout=0.0, epochs=60)
