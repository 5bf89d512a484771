"""People of whom the truth is known: a seeded population, and what it typed into forms.

Each person has a name, a day of birth, a home that others may share, telephones and e-mails; the
shop's website, its loyalty card, its call centre and browsers each know them under a reference of
their own. What was typed is not what is true: letters slip, Giuseppe is Beppe, names are swapped,
women marry, people move and change their number, families share a mailbox and a tablet.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

import pyarrow as pa

from percorso.log.schema import SCHEMA, TIME

#: Given names with roughly how often they are met, and what people call them.
_MEN = """
Giuseppe 30 Beppe Pino Peppe Peppino|Antonio 26 Tonino Toni Nino|Francesco 24 Franco Ciccio
Checco|Giovanni 23 Gianni Nanni Vanni|Andrea 21|Mario 19|Luigi 18 Gigi Gino|Marco 18|Alessandro
17 Sandro Ale Alex|Roberto 15 Robi Berto|Vincenzo 14 Enzo|Salvatore 14 Salvo Totò Turi|Stefano
13 Ste| Luca 13|Paolo 12|Angelo 11|Domenico 11 Mimmo Nico|Davide 10 Dade|Carlo 10
Carletto|Matteo 10 Teo| Michele 9 Lino|Giorgio 8|Riccardo 7 Ricky|Massimo 7 Max|Pietro 7
Piero|Lorenzo 7 Renzo|Daniele 6 Dani| Federico 6 Fede|Nicola 6 Nico|Raffaele 6 Lele|Simone
6|Enrico 5 Chicco Rico|Emanuele 5 Manu| Alberto 5|Claudio 5|Filippo 4 Pippo|Sergio 4|Gabriele
4|Maurizio 4 Icio|Leonardo 3 Leo| Tommaso 3 Tommy|Edoardo 3 Edo|Giacomo 3|Gaetano 3 Tano|Bruno
3|Diego 3|Dario 3|Fabrizio 3 Fabri| Alessio 3|Umberto 2|Guido 2|Nicolò 2|Ettore 2|Samuele 2
Sam|Valerio 2|Adriano 2 Adri|Ivan 2
"""
_WOMEN = """
Maria 45 Mariuccia Mari|Anna 28 Annina|Giuseppina 14 Pina Giusy|Rosa 13 Rosetta| Angela 13
Angelina|Giovanna 12 Gianna Vanna|Teresa 11 Terry|Lucia 11|Francesca 11 Franca Checca| Laura
10|Giulia 10|Caterina 8 Cate Rina|Paola 8|Sara 8|Elena 8 Ele|Chiara 8|Antonella 7 Nella|
Alessandra 7 Ale Sandra|Daniela 7 Dani|Carmela 7 Melina|Valentina 7 Vale|Roberta 6 Robi|Silvia
6| Federica 6 Fede Chicca|Martina 6 Marti|Elisa 6 Eli|Simona 5 Simo|Margherita 5 Rita Marghe|
Cristina 5 Cri|Stefania 5 Stefi|Patrizia 5 Patti|Elisabetta 4 Betta|Barbara 4|Monica 4| Michela
4|Concetta 4 Titti|Raffaella 4 Lella|Manuela 3 Manu|Beatrice 3 Bea|Claudia 3|Ilaria 3| Gabriella
3 Lella|Emanuela 3 Manu|Eleonora 3 Nora|Luisa 3|Serena 2 Sere|Marta 2|Nicoletta 2| Sofia
2|Giorgia 2|Alice 2|Veronica 2|Aurora 2|Vincenza 2 Enza|Filomena 2 Mena|Agnese 1|Ada 1
"""
_FAMILIES = """
Rossi Russo Ferrari Esposito Bianchi Romano Colombo Ricci Marino Greco Bruno Gallo Conti De~Luca
Mancini Costa Giordano Rizzo Lombardi Moretti Barbieri Fontana Santoro Mariani Rinaldi Caruso
Ferrara Galli Martini Leone Longo Gentile Martinelli Vitale Lombardo Serra Coppola De~Santis
D'Angelo Marchetti Parisi Villa Conte Ferraro Ferri Fabbri Bianco Marini Grasso Valentini
Messina Sala De~Angelis Gatti Pellegrini Palumbo Sanna Farina Rizzi Monti Cattaneo Morelli Amato
Silvestri Mazza Testa Grassi Pellegrino Carbone Giuliani Benedetti Barone Rossetti Caputo
Montanari Guerra Palmieri Bernardi Martino Fiore De~Rosa Ferretti Bellini Basile Riva Donati
Piras Vitali Battaglia Sartori Neri Costantini Milani Pagano Ruggiero Sorrentino D'Amico Orlando
Damico Negri Mantovani Dell'Acqua Lo~Presti La~Rocca Di~Stefano Di~Marco Di~Pietro Zanetti
Zanella Brambilla Fumagalli Bonomi Locatelli Rota Pesenti Galimberti Villani Riccardi Rocca
Castelli Bosco Gobbi
"""
_BEGINNINGS = """
Al Bar Bel Ber Bon Cal Can Car Cas Ce Co Dal Do Fa Fer Fi Gal Ga Gi Lan Lo Mal Man Mar Mo Na Pa
Pe Pi Pol Ra Ro Sal San Sca Spa Sta Ta To Tra Va Ve Vi Za
"""
_MIDDLES = """
ba be bi ca da de di fa ga gi la le li lo ma me mi na ne ni pa pe ra re ri ro sa se ta te ti va
ve vi za
"""
_ENDS = """
ni ti li ri si ci no to lo ro so co na ta la ra sa ca ghi schi gnoli telli netti rini rano sco
"""
_STREETS = """Roma|Garibaldi|Giuseppe Mazzini|Dante Alighieri|Vittorio Veneto|Guglielmo Marconi|
Camillo Cavour|IV Novembre|XX Settembre|Giacomo Matteotti|San Francesco|Sant'Antonio|della Libertà|
Alessandro Volta|Galileo Galilei|Leonardo da Vinci|Michelangelo|Giosuè Carducci|dei Mille|Verdi|
Monza|Torino|Milano|Venezia|Firenze|Napoli|Palermo|delle Rose|dei Tigli|dei Platani|Montegrappa|
Piave|Trento|Trieste|Gorizia|Kennedy|Gramsci|Don Minzoni|Fratelli Cervi|della Repubblica|Europa|
Manzoni|Leopardi|Foscolo|Petrarca|Boccaccio|Colombo|Vespucci|Marco Polo|della Pace|del Popolo|
San Martino|Santa Lucia|San Giovanni|Santa Maria|Buonarroti|Rossini|Puccini|Bellini|Donizetti"""
_KINDS = ("Via", "Viale", "Piazza", "Corso", "Largo")
_SHORT = {"Via": "V.", "Viale": "V.le", "Piazza": "P.zza", "Corso": "C.so", "Largo": "L.go"}
_DOMAINS = (
    "gmail.com",
    "libero.it",
    "hotmail.it",
    "yahoo.it",
    "virgilio.it",
    "outlook.it",
    "alice.it",
)


@dataclass(slots=True)
class Home:
    street: str
    number: str
    area: str
    landline: str
    mailbox: str | None
    tablet: str | None


@dataclass(slots=True)
class Person:
    number: int
    given: str
    short: tuple[str, ...]
    family: str
    maiden: str | None
    born: str
    mobile: str
    old_mobile: str
    email: str
    other_email: str
    home: Home
    old_home: Home


@dataclass(slots=True)
class Made:
    """Rows for the log, and the truth: reference -> the number of the person."""

    rows: list[tuple[str, str, str, int]] = field(default_factory=list)
    truth: dict[str, int] = field(default_factory=dict)

    def table(self) -> pa.Table:
        """Return the rows as the log takes them."""
        count = len(self.rows)
        columns = {each.name: pa.nulls(count, each.type) for each in SCHEMA}
        columns |= {
            "id": pa.array([f"made:{n}" for n in range(count)]),
            "at": pa.array([1_700_000_000_000_000 + r[3] * 60_000_000 for r in self.rows]).cast(
                TIME
            ),
            "received_at": pa.array([1_750_000_000_000_000] * count).cast(TIME),
            "customer": pa.array([r[0] for r in self.rows]),
            "kind": pa.array([r[1] for r in self.rows]),
            "touchpoint": pa.repeat("made", count),
            "channel": pa.repeat("website", count),
            "direction": pa.repeat("in", count),
            "source": pa.array([r[0].partition(":")[0] for r in self.rows]),
            "properties": pa.array([r[2] or None for r in self.rows], pa.string()),
        }
        return pa.Table.from_arrays(
            [columns[each.name].cast(each.type) for each in SCHEMA], schema=SCHEMA
        )


class Population:
    """A seeded population; each call of ``make`` goes on with the next people."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.men, self.women = _weighted(_MEN), _weighted(_WOMEN)
        families = _FAMILIES.replace("\n", " ").split()
        # The commonest as they are met, and a long tail of rare ones.
        self.families = [each.replace("~", " ") for each in families]
        self.family_weights = [1 / (place + 8) for place in range(len(families))]
        self.streets = [each.strip() for each in _STREETS.replace("\n", "").split("|")]
        self.count = 0
        self.emails: set[str] = set()

    def make(self, references: int) -> Made:
        """Return people with so many references, or a few more."""
        made = Made()
        while len(made.truth) < references:
            for person in self._household():
                self._records(person, made)
        return made

    def _household(self) -> list[Person]:
        r = self.random
        size = r.choices((1, 2, 3, 4), (55, 22, 13, 10))[0]
        family = self._family()
        home, old_home = self._home(family, size), self._home(family, 1)
        people: list[Person] = []
        taken: set[str] = set()
        for place in range(size):
            woman = r.random() < 0.5
            own = self._family() if place == 1 and r.random() < 0.8 else family
            married = woman and r.random() < 0.15
            people.append(
                self._person(own, taken, home, old_home, woman=woman, married=married, place=place)
            )
        return people

    def _person(
        self,
        family: str,
        taken: set[str],
        home: Home,
        old_home: Home,
        *,
        woman: bool,
        married: bool,
        place: int,
    ) -> Person:
        r = self.random
        names, weights = self.women if woman else self.men
        given, *short = r.choices(names, weights)[0]
        while given in taken:
            given, *short = r.choices(names, weights)[0]
        taken.add(given)
        self.count += 1
        year = r.randint(1945, 1985) if place < 2 else r.randint(1985, 2006)
        local = self._local(given, family, year)
        other = local if r.random() < 0.6 else self._local(given, family, year)
        return Person(
            self.count,
            given,
            tuple(short),
            family,
            self._family() if married else None,
            f"{year}-{r.randint(1, 12):02}-{r.randint(1, 28):02}",
            _mobile(r),
            _mobile(r),
            self._email(local),
            self._email(other),
            home,
            old_home,
        )

    def _email(self, local: str) -> str:
        """Return an address that nobody has yet: providers give each out once."""
        email = f"{local}@{self.random.choice(_DOMAINS)}"
        while email in self.emails:
            email = f"{local}{self.random.randint(1, 9999)}@{self.random.choice(_DOMAINS)}"
        self.emails.add(email)
        return email

    def _family(self) -> str:
        r = self.random
        if r.random() < 0.45:
            return r.choices(self.families, self.family_weights)[0]
        middle = "".join(r.choices(_MIDDLES.split(), k=r.choice((0, 1, 1))))
        return r.choice(_BEGINNINGS.split()) + middle + r.choice(_ENDS.split())

    def _home(self, family: str, size: int) -> Home:
        r = self.random
        area = f"{r.choice((20, 20, 20, 10, 16, 24, 40, 50, 80))}{r.randint(100, 160)}"
        shared = size > 1 and r.random() < 0.15
        return Home(
            f"{r.choices(_KINDS, (75, 8, 7, 7, 3))[0]} {r.choice(self.streets)}",
            f"{r.randint(1, 90)}{r.choice(('', '', '', '', '/A', '/B'))}",
            area,
            f"02{r.randint(2000000, 9999999)}",
            f"famiglia.{_ascii(family)}{r.randint(1, 999)}@{r.choice(_DOMAINS)}"
            if shared
            else None,
            f"anon:{r.getrandbits(60):015x}" if size > 1 and r.random() < 0.06 else None,
        )

    def _local(self, given: str, family: str, year: int) -> str:
        r = self.random
        g, f = _ascii(given), _ascii(family)
        return r.choice(
            (
                f"{g}.{f}",
                f"{g}{f}",
                f"{g[0]}.{f}{year % 100}",
                f"{f}.{g}",
                f"{g}.{f}{year % 100:02}",
                f"{g}{year}",
                f"{g[:3]}{f}{r.randint(1, 999)}",
                f"{f}{g}{r.randint(1, 99)}",
            )
        )

    def _records(self, person: Person, made: Made) -> None:
        r = self.random
        first = len(made.truth)
        if r.random() < 0.7:
            self._account(person, made, person.email)
        if r.random() < 0.6:
            self._card(person, made)
        if r.random() < 0.25:
            self._caller(person, made)
        if r.random() < 0.08:
            self._account(person, made, person.other_email)
        if len(made.truth) == first:
            self._card(person, made)

    def _account(self, person: Person, made: Made, email: str) -> None:
        r = self.random
        reference = f"user:{len(made.truth)}"
        given, family = self._names(person)
        traits = {"firstName": given, "lastName": family}
        if r.random() < 0.04:
            traits = {"firstName": family, "lastName": given}
        mailbox = person.home.mailbox
        traits["email"] = mailbox if mailbox and r.random() < 0.5 else self._slip(email, 0.02)
        if r.random() < 0.6:
            traits["phone"] = self._phone(person)
        if r.random() < 0.7:
            street, number, area = self._address(person)
            traits |= {"street": f"{street} {number}", "postalCode": area}
        if r.random() < 0.4:
            traits["birthday"] = self._born(person)
        links = [
            f"anon:{r.getrandbits(60):015x}"
            for _ in range(r.choices((0, 1, 2, 3), (35, 35, 20, 10))[0])
        ]
        for link in links:
            made.truth[link] = person.number
            made.rows.append((link, "view", "", r.randint(0, 500_000)))
        if person.home.tablet:
            links.append(person.home.tablet)
        self._tell(made, reference, person, traits, links)

    def _card(self, person: Person, made: Made) -> None:
        r = self.random
        reference = f"crm:{len(made.truth)}"
        given, family = self._names(person)
        traits = (
            {"nominativo": f"{family} {given}".upper()}
            if r.random() < 0.5
            else {"nome": given, "cognome": family}
        )
        if r.random() < 0.4:
            email = person.other_email if r.random() < 0.3 else person.email
            traits["email"] = self._slip(email, 0.03)
        if r.random() < 0.01:
            traits["email"] = "info@azienda.example"
        if r.random() < 0.7:
            traits["telefono"] = person.home.landline if r.random() < 0.2 else self._phone(person)
        if r.random() < 0.8:
            street, number, area = self._address(person)
            traits |= {"indirizzo": f"{street}, {number}", "cap": area}
        if r.random() < 0.8:
            traits["data_di_nascita"] = "/".join(reversed(self._born(person).split("-")))
        self._tell(made, reference, person, traits, [])

    def _caller(self, person: Person, made: Made) -> None:
        r = self.random
        reference = f"call:{len(made.truth)}"
        given, family = self._names(person, short=0.25)
        traits = {"name": f"{given} {family}"}
        if r.random() < 0.85:
            traits["phone"] = person.home.landline if r.random() < 0.3 else self._phone(person)
        if r.random() < 0.2:
            street, number, area = self._address(person)
            traits |= {"address": f"{street} n. {number}", "zip": area}
        self._tell(made, reference, person, traits, [])

    def _tell(
        self, made: Made, reference: str, person: Person, traits: dict[str, str], links: list[str]
    ) -> None:
        made.truth[reference] = person.number
        properties = json.dumps({"traits": traits, "links": links}, ensure_ascii=False)
        made.rows.append((reference, "profile", properties, self.random.randint(0, 500_000)))

    def _names(self, person: Person, short: float = 0.08) -> tuple[str, str]:
        r = self.random
        given, family = person.given, person.family
        if person.short and r.random() < short:
            given = r.choice(person.short)
        if person.maiden and r.random() < 0.4:
            family = person.maiden
        given, family = self._slip(given, 0.035), self._slip(family, 0.045)
        if r.random() < 0.1:
            given, family = given.lower(), family.lower()
        if r.random() < 0.05:
            family = family.replace("'", "").replace(" ", "")
        return given, family

    def _slip(self, text: str, often: float) -> str:
        """Let a finger slip on a letter."""
        r = self.random
        if r.random() >= often or len(text) < 4:
            return text
        place = r.randrange(1, len(text) - 1)
        kind = r.randrange(4)
        if kind == 0:
            return text[:place] + text[place + 1 :]
        if kind == 1:
            return text[:place] + text[place] + text[place:]
        if kind == 2:
            return text[:place] + r.choice("abcdeilmnorst") + text[place + 1 :]
        return text[:place] + text[place + 1] + text[place] + text[place + 2 :]

    def _phone(self, person: Person) -> str:
        r = self.random
        number = person.old_mobile if r.random() < 0.1 else person.mobile
        form = r.randrange(4)
        if form == 0:
            return f"+39{number}"
        if form == 1:
            return f"{number[:3]} {number[3:]}"
        if form == 2:
            return f"0039 {number[:3]}-{number[3:6]}-{number[6:]}"
        return number

    def _address(self, person: Person) -> tuple[str, str, str]:
        r = self.random
        home = person.old_home if r.random() < 0.12 else person.home
        kind, _, name = home.street.partition(" ")
        if r.random() < 0.25:
            kind = _SHORT[kind]
        if r.random() < 0.15:
            name = name.split()[-1]
        return f"{kind} {self._slip(name, 0.04)}", home.number, home.area

    def _born(self, person: Person) -> str:
        r = self.random
        if r.random() < 0.02:
            return person.born[:-1] + str(r.randrange(1, 9))
        return person.born


def _weighted(text: str) -> tuple[list[tuple[str, ...]], list[int]]:
    names, weights = [], []
    for line in text.replace("\n", " ").split("|"):
        given, often, *short = line.split()
        names.append((given, *short))
        weights.append(int(often))
    return names, weights


def _mobile(r: random.Random) -> str:
    return f"3{r.choice('234689')}{r.randint(0, 9)}{r.randint(1000000, 9999999)}"


def _ascii(text: str) -> str:
    folded = text.lower().translate(str.maketrans("àèéìòù", "aeeiou"))
    return "".join(each for each in folded if each.isalpha())


def batches(seed: int, references: int, size: int = 100_000) -> Iterator[Made]:
    """Yield so many references in parts, each with people of its own."""
    population = Population(seed)
    for start in range(0, references, size):
        yield population.make(min(size, references - start))
