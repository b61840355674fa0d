"""Loaders of Word, PowerPoint, Excel, OpenDocument and Rich Text."""
