"""Italian given names and what people are called at home; a table to read names by.

Each line: the name, then how it is shortened, written or called. A short form that several names
have stands at the commonest. Gathered by hand from everyday use; English forms that Italian shops
meet are at the end.
"""

from typing import Final

_NAMES: Final = """
adriano: adri
alessandra: ale, sandra
alessandro: alex, sandro, lele
alfonso: fofo, fonzo
alfredo: fredo
andrea: andre
angela: angelina, lina, angiola
angelo: angiolo, lino
anna: annina, annetta, nina, annarella
annamaria: annamari
antonella: nella, antonietta, etta, tonia, tonina
antonio: tonino, toni, tony, nino, totonno, totò, toto, antò
augusto: gusto
barbara: barbarella
bartolomeo: bartolo, meo
beatrice: bea, bice
benedetta: benny
benedetto: benni
bernardo: dino, berni
bruno: brunetto
camilla: cami, milla
carla: carletta
carlo: carletto, carlino, charly
carmela: carmelina, melina, carmen
carmelo: melo, carminuccio
caterina: cate, katia, rina, cati, nina caterina
chiara: chiaretta
christian: cristian, cri
claudia: clau
claudio: claudino
concetta: concettina, tina, titti, cettina
corrado: corradino
cristiano: cris
cristina: cri, titti cristina, christina
daniela: dani, dany
daniele: dani daniele, danilo, lele daniele
davide: david, dade
domenico: mimmo, mimì, mimi, menico, nico, micuccio, domi
donatella: dona
donato: donatello
edoardo: edo, edoardino, dado
elena: ele, lena, elenuccia
eleonora: nora, leonora
elisa: eli, lisa
elisabetta: betta, betti, betty, elisabeta, lisetta
emanuela: manuela, manu, ema
emanuele: manuele, lele emanuele, manu emanuele
emilio: milio
enrico: rico, enri, chicco, errico
ernesto: nesto
eugenio: genio, geni
fabio: fabietto
fabrizio: fabri, bizio, fabrizzio
federica: fede, chicca, fefe
federico: fede federico, chicco federico, fefè
ferdinando: nando, ferdi
filippo: pippo, filo, fili
filomena: mena, filo filomena
francesca: fra, franca, checca, chicca francesca, francy, cesca
francesco: franco, ciccio, checco, cesco, franci, fra francesco, chicco francesco, frank
gabriele: lele gabriele, gabri
gabriella: gabri gabriella, lella, gabriela
gaetano: tano, gaetanino
gennaro: gennarino, rino
gerardo: gerry, dino gerardo
giacomo: giacomino, mino, jack, giaco
gian luca: gianluca, luca gian
gianfranco: gian franco
gianluca: gian, giallu
giancarlo: gian carlo
gian marco: gianmarco
gianmaria: gian maria
gianni: giannino
giorgia: gio, giò
giorgio: giorgino, giò giorgio
giovanna: gianna, vanna, nanna, giovannina, nina giovanna, giò giovanna
giovanni: gianni giovanni, giannino giovanni, nanni, vanni, gio giovanni, johnny, giova
giuliana: giuli
giuliano: giulianino
giulia: giuly, giulietta
giulio: giulietto
giuseppe: beppe, peppe, pino, peppino, beppino, bepi, pippo giuseppe, geppo, giusé, peppuccio,
    joe, seppe, puccio, giusepe
giuseppina: pina, giusy, giusi, peppina, pinuccia, giusi, pinetta, giuse
grazia: graziella, graziana
guglielmo: memmo, willy, guglie
ignazio: gnazio
immacolata: imma, titina
isabella: isa, bella, isabel
jacopo: iacopo, jaco
laura: lauretta, lalla
leonardo: leo, nardo
letizia: leti, lety
lorenza: lori
lorenzo: renzo, lori lorenzo, lollo, enzo lorenzo
luca: luchino, lucas
lucia: lucietta, lu
luciano:
luigi: gigi, gino, luigino, gigino, gigetto, luis
luigia: luisa, luisella, gina, gigia
maddalena: lena maddalena, madda
manuel: manolo
marcella: marcellina
marcello: cello
marco: marchino, marcolino
margherita: rita, marghe, ghita
maria: mariuccia, mariella, marietta, mary, mari, mariolina
mario: marietto, mariolino
mariarosaria: maria rosaria
martina: marti, tina martina
massimiliano: max, massi, maxi
massimo: massimino, max massimo, mimmo massimo
matilde: mati, tilde
matteo: teo, matte
mattia: matti, mathias
maurizio: mauri, icio, mauro
michela: michi
michele: mike, michi michele, lino michele, micky
michelangelo: miki
monica: moni, mony
nicola: nico nicola, nicolino, nic, cola, nicolò
nicoletta: nico nicoletta, letta
orlando: lando
paola: paoletta, paolina, lina paola
paolo: paolino, paoletto
pasquale: lino pasquale, pasqualino, pako, pako pasquale, lillo
patrizia: patti, pat, patty
patrizio: patri
pierluigi: pier luigi, pigi
piero: pietro, pierino, pietrino, pier
pierpaolo: pier paolo
raffaele: lele raffaele, raffa, raf, raffaello, fefe raffaele
raffaella: raffa raffaella, lella raffaella
renato: natino
riccardo: ricky, richi, riki, ricardo
roberta: robi, roby
roberto: robi roberto, roby roberto, berto, rob
rocco: rocchino
rosa: rosetta, rosina, rosi, rosy, rosalba, rosella
rosaria: sara rosaria, rosarietta
rosario: saro, saruzzo, sasà
salvatore: salvo, totò salvatore, turi, toto salvatore, sasa, tore, totore, sasà salvatore,
    salvino, tury
samuele: samu, sam, samuel
sara: saretta, sarah
saverio: sav, saverino
sebastiano: seba, bastiano, nello, iano
serena: sere
sergio: sergino
silvana: silvanuccia
silvia: silvietta, silvi
simona: simo, simonetta
simone: simo simone, simon
sofia: sofi, sophia
stefania: stefi, stefy
stefano: ste, stefanino, steve
stella: stellina
susanna: susi, susy, sanna
teresa: teresina, tere, resi, tea, terry, esa
tiziana: titti tiziana, tizi
tommaso: tom, tommy, maso, tommi, masino
umberto: berto umberto, umbertino
valentina: vale, tina valentina
valentino: tino, vale valentino
valeria: vale valeria, vally
valerio: vale valerio
vincenza: enza, cenza, vincenzina
vincenzo: enzo, vincenzino, cenzo, vince, vicienzo, enzuccio
vito: vitino, vituccio
vittoria: vicky, vitto
vittorio: vitto vittorio, toio, rino vittorio
elizabeth: liz, lizzie, beth
james: jim, jimmy
john: jon, jonny
katherine: kate, kathy, katie, catherine
margaret: maggie, peggy
michael: mick, mickey
richard: dick, rick
robert: bob, bobby
thomas: thom
william: bill, billy, will
"""

#: Names that are not shortened, or into themselves only: they tell a given name from a family's.
_ALONE: Final = """
ada adele agata agnese alba alessia alessio alfio alice amalia amelia amedeo anita antonia arianna
armando arturo asia assunta attilio aurelio aurora azzurra bianca biagio carlotta carmine celeste
cesare cinzia clara clelia dalila damiano daria dario debora deborah denise desiree diana diego
diletta dina doriana elia elio elsa emma erica erika erminia ester ettore eva ezio fausta fausto
fiorella fiorenza flavia flavio fulvia fulvio gaia gemma germano gilberto ginevra gioele gioia
giada gloria goffredo greta guido ida ilaria ilenia ines iolanda irene iris irma italo ivan ivana
ivano ivo jessica katiuscia laila leone liana lidia liliana linda livia livio loredana loretta
loris luana luciana lucio lucrezia ludovica ludovico mara marianna marina marino marisa marta
melissa mirella miriam mirko mirco monia nadia natale natalia nazario nerina nicole noemi norma
olga oreste ornella oscar osvaldo ottavia ottavio pamela pia pierangelo quirino rachele ramona
rebecca remo rina roberto romano romeo romina romolo rosanna ruggero sabina sabrina samantha savino
sonia sveva tamara tania tarcisio tecla tullio ubaldo ugo ursula valter vanessa vanna vera veronica
viola virginia virgilio vitale viviana walter wanda yuri zeno zita
"""


def _read() -> dict[str, str]:
    from percorso.identity.normal import plain

    canonical: dict[str, str] = {}
    for line in _NAMES.replace("\n    ", " ").strip().splitlines():
        name, _, forms = line.partition(":")
        canonical[plain(name).replace(" ", "")] = plain(name).replace(" ", "")
        for form in forms.split(","):
            # A form with its name beside is one that an earlier name has: the first keeps it.
            word = plain(form).split()
            if len(word) == 1 and word[0]:
                canonical.setdefault(word[0], plain(name).replace(" ", ""))
    for name in _ALONE.split():
        canonical.setdefault(name, name)
    return canonical


_KNOWN: dict[str, str] = {}


def known() -> dict[str, str]:
    """Return given name or short form -> the name it is counted as."""
    if not _KNOWN:
        _KNOWN.update(_read())
    return _KNOWN
