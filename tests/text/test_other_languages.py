"""Languages that nobody taught the models: recognised, scored, and said to be less certain."""

import numpy as np
import pytest

from percorso.text.reading import Path, read

#: The same said in Italian, English, French and Portuguese.
SAID = (
    (
        "negative",
        "Vergognoso: il pacco è arrivato con due settimane di ritardo e nessuno risponde",
        "Shameful: the parcel arrived two weeks late and nobody answers",
        "Honteux : le colis est arrivé avec deux semaines de retard et personne ne répond",
        "Vergonhoso: a encomenda chegou com duas semanas de atraso e ninguém responde",
    ),
    (
        "positive",
        "Personale gentilissimo e negozio bellissimo, tornerò volentieri",
        "Very kind staff and a beautiful shop, I will gladly come back",
        "Personnel très aimable et magasin magnifique, je reviendrai avec plaisir",
        "Funcionários muito simpáticos e loja linda, voltarei com prazer",
    ),
    (
        "negative",
        "Prodotto rotto dopo tre giorni, qualità pessima",
        "Product broken after three days, terrible quality",
        "Produit cassé après trois jours, qualité déplorable",
        "Produto quebrado depois de três dias, qualidade péssima",
    ),
    (
        "positive",
        "Consegna velocissima, tutto perfetto, grazie!",
        "Very fast delivery, everything perfect, thank you!",
        "Livraison très rapide, tout était parfait, merci !",
        "Entrega muito rápida, tudo perfeito, obrigado!",
    ),
    (
        "negative",
        "Troppo caro per quello che offre, sono molto delusa",
        "Too expensive for what it offers, I am very disappointed",
        "Trop cher pour ce que c'est, je suis très déçue",
        "Caro demais para o que oferece, estou muito decepcionada",
    ),
    (
        "positive",
        "Mi hanno aiutato subito e con grande pazienza, bravissimi",
        "They helped me at once and with great patience, wonderful people",
        "Ils m'ont aidé tout de suite et avec beaucoup de patience, bravo à eux",
        "Ajudaram-me imediatamente e com muita paciência, pessoas maravilhosas",
    ),
)
LANGUAGES = ("it", "en", "fr", "pt")


@pytest.mark.parametrize("path", ["accurate", "fast"])
def test_french_and_portuguese_are_recognised_scored_and_less_certain(path: Path) -> None:
    found = read([each for _sentiment, *texts in SAID for each in texts], path=path)
    assert found.language == list(LANGUAGES) * len(SAID)
    certainty = np.array(found.certainty).reshape(len(SAID), 4)
    italian, english, french, portuguese = certainty.mean(axis=0)
    assert max(french, portuguese) < min(italian, english)
    if path == "accurate":
        expected = [sentiment for sentiment, *texts in SAID for _text in texts]
        right = np.array(found.sentiment) == np.array(expected)
        assert right.mean() >= 0.8
