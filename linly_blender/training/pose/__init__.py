"""The pose fine-tuner: its teacher's data, two architectures, training, evaluation, export and model card."""
