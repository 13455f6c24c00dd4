"""What the rules require, what was promised, what was measured."""
