"""What customers write, read: language, sentiment, emotions, factors, urgency, needs."""

from percorso.text.reading import MODEL, ModelInfo, read
from percorso.text.readings import READINGS, FactorFound, Reading, Readings

__all__ = ["MODEL", "READINGS", "FactorFound", "ModelInfo", "Reading", "Readings", "read"]
