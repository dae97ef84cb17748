"""What the simulated Villeneuve d'Ascq is made of: sectors, main roads, waters, greens, landmarks.

Owns names and rough places, drawn from memory of the town and simplified: recognisable, not exact,
and no source of truth about any real street or camera. Coordinates are (latitude, longitude) in
degrees; in the new-town sectors street names share an initial, as they do there.
"""

from dataclasses import dataclass

LatLon = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Landmark:
    """A place that people name; offsets are metres to the east and north of its sector's centre."""

    name: str
    east_m: float
    north_m: float


@dataclass(frozen=True, slots=True)
class SectorPlan:
    """A sector as the city cuts itself up."""

    zone: str
    name: str
    centre: LatLon
    radius_m: float
    turned_deg: float
    """Direction of the sector's streets, clockwise from north."""
    spacing_m: float
    weight: float
    """Share of the city's cameras, relative to the other sectors'."""
    streets: tuple[str, ...]
    landmarks: tuple[Landmark, ...]


@dataclass(frozen=True, slots=True)
class RoadPlan:
    """A main road."""

    name: str
    line: tuple[LatLon, ...]


@dataclass(frozen=True, slots=True)
class AreaPlan:
    """A lake or a park: a closed ring, smoothed when drawn."""

    name: str
    ring: tuple[LatLon, ...]


def _places(*rows: tuple[str, float, float]) -> tuple[Landmark, ...]:
    return tuple(Landmark(*row) for row in rows)


SECTORS: tuple[SectorPlan, ...] = (
    SectorPlan(
        "centre",
        "Centre",
        (50.6193, 3.1312),
        550,
        18,
        120,
        1.9,
        (
            "Chaussée de l'Hôtel-de-Ville",
            "Place Salvador-Allende",
            "Rue de la Fontaine",
            "Boulevard Van-Gogh",
            "Rue des Fusillés",
            "Avenue de Canteleu",
            "Rue du Barreau",
            "Allée de la Médiathèque",
            "Rue de l'Abbé-Lemire",
            "Place de la République",
            "Rue du Four-à-Pain",
            "Rue de la Cimaise",
        ),
        _places(
            ("Hôtel de ville", 0, 50),
            ("Fontaine", -160, 150),
            ("Centre métro", 80, -50),
            ("Marché couvert", -240, -120),
            ("Médiathèque", 200, 160),
            ("Place Allende", 40, 160),
            ("Centre commercial", -350, 30),
            ("Commissariat", 280, -220),
            ("Cinéma", -120, -270),
            ("Gare routière", 160, -150),
        ),
    ),
    SectorPlan(
        "pont-de-bois",
        "Pont-de-Bois",
        (50.6262, 3.1268),
        560,
        35,
        125,
        1.5,
        (
            "Avenue du Pont-de-Bois",
            "Rue Vermeer",
            "Rue des Vétérans",
            "Allée Vivaldi",
            "Rue Verlaine",
            "Rue Vlaminck",
            "Place Léon-Blum",
            "Rue Vesale",
            "Rue Vauban",
            "Allée Valéry",
            "Rue Vigny",
            "Rue Villon",
        ),
        _places(
            ("Pont-de-Bois métro", 50, -80),
            ("Université", -190, 80),
            ("Passerelle", -30, 160),
            ("Rose des Vents", 200, 50),
            ("Pont-de-Bois collège", 300, 200),
            ("Place Léon-Blum", 120, -230),
            ("Pont-de-Bois gare", -340, -120),
        ),
    ),
    SectorPlan(
        "annappes",
        "Annappes",
        (50.6272, 3.1500),
        550,
        62,
        135,
        1.2,
        (
            "Rue Pasteur",
            "Rue du 8-Mai-1945",
            "Rue de la République",
            "Place de la République",
            "Rue Neuve",
            "Rue d'Hem",
            "Rue du Château",
            "Rue Faidherbe",
            "Rue des Comices",
            "Rue Jules-Ferry",
            "Rue du Docteur-Roux",
        ),
        _places(
            ("Annappes église", 0, 30),
            ("Annappes gare", 180, -320),
            ("Ancienne mairie", -90, 90),
            ("Annappes cimetière", 280, 190),
            ("Annappes école", -260, -80),
            ("Salle des fêtes", 80, 260),
        ),
    ),
    SectorPlan(
        "flers",
        "Flers",
        (50.6370, 3.1290),
        560,
        8,
        130,
        1.3,
        (
            "Rue Jules-Guesde",
            "Rue du Château-de-Flers",
            "Rue de Lille",
            "Rue Jean-Delvainquière",
            "Place de la Liberté",
            "Rue Carpeaux",
            "Rue Baudelaire",
            "Rue Corot",
            "Rue du Maréchal-Leclerc",
            "Rue Henri-Bouchery",
            "Rue du Sentier",
        ),
        _places(
            ("Flers bourg", 0, 0),
            ("Château de Flers", 260, -160),
            ("Ferme d'en haut", -150, 150),
            ("Flers église", -50, -90),
            ("Flers école", 160, 220),
            ("Breucq", -310, -240),
            ("Flers poste", 90, 80),
        ),
    ),
    SectorPlan(
        "cousinerie",
        "Cousinerie",
        (50.6428, 3.1482),
        600,
        48,
        130,
        1.3,
        (
            "Rue Corneille",
            "Rue Colbert",
            "Avenue Champollion",
            "Rue Cassin",
            "Rue Condorcet",
            "Allée Chopin",
            "Rue Cézanne",
            "Rue Chateaubriand",
            "Allée Claudel",
            "Rue Courbet",
            "Place Charlemagne",
            "Rue de Crécy",
        ),
        _places(
            ("Cousinerie", 0, 0),
            ("Cousinerie centre social", 120, 150),
            ("Cousinerie collège", -260, 80),
            ("Cousinerie commerces", 50, -120),
            ("Cousinerie étang", 310, -200),
            ("Salle Marcel-Cerdan", -150, -270),
        ),
    ),
    SectorPlan(
        "triolo",
        "Triolo",
        (50.6168, 3.1437),
        540,
        27,
        120,
        1.3,
        (
            "Rue Trémière",
            "Rue Taine",
            "Rue de Trudaine",
            "Allée Talleyrand",
            "Rue Tolstoï",
            "Rue Toulouse-Lautrec",
            "Rue du Triolo",
            "Rue Turenne",
            "Allée Tasse",
            "Rue Tabarly",
            "Place Tourville",
        ),
        _places(
            ("Triolo marché", 0, 0),
            ("Triolo métro", -150, -80),
            ("Triolo commerces", 80, 120),
            ("Triolo lycée", 260, -70),
            ("Triolo résidence", -80, 260),
            ("Triolo parking", 160, -240),
        ),
    ),
    SectorPlan(
        "ascq",
        "Ascq",
        (50.6222, 3.1648),
        560,
        78,
        140,
        1.0,
        (
            "Rue Marceau",
            "Rue Gaston-Baratte",
            "Rue de la Gare",
            "Place du Général-de-Gaulle",
            "Rue Massena",
            "Rue Kléber",
            "Rue de l'Abbé-Pierre",
            "Rue Mangin",
            "Rue Colbert-d'Ascq",
            "Rue du 1er-Avril",
        ),
        _places(
            ("Ascq gare", 80, -230),
            ("Ascq église", 0, 50),
            ("Mémorial", 230, -260),
            ("Ascq place", -70, 0),
            ("Ascq école", -230, 160),
            ("Ascq passage à niveau", 270, -120),
        ),
    ),
    SectorPlan(
        "cite-scientifique",
        "Cité scientifique",
        (50.6078, 3.1420),
        600,
        5,
        150,
        1.3,
        (
            "Avenue Paul-Langevin",
            "Avenue Carl-Gauss",
            "Avenue Henri-Poincaré",
            "Avenue Mendeleïev",
            "Boulevard Langevin-Sud",
            "Rue Élisée-Reclus",
            "Avenue Blaise-Pascal",
            "Place Jean-Perrin",
            "Avenue Jean-Rostand",
            "Cours Ampère",
        ),
        _places(
            ("Quatre-Cantons métro", -220, -300),
            ("Cité scientifique métro", 30, 220),
            ("Bibliothèque", 0, 0),
            ("Polytech", -280, 90),
            ("Restaurant universitaire", 180, -90),
            ("Résidence Galois", 300, 230),
            ("Gymnase", -120, -160),
        ),
    ),
    SectorPlan(
        "stade",
        "Stade Pierre-Mauroy",
        (50.6119, 3.1306),
        510,
        14,
        150,
        1.6,
        (
            "Boulevard des Tribunes",
            "Allée du Parvis",
            "Rue de la Borne-d'Espoir",
            "Chemin du Stade",
            "Rue de Versailles",
            "Allée des Supporters",
            "Place du Stade",
            "Rue des Vestiaires",
        ),
        _places(
            ("Stade est", 200, 0),
            ("Stade ouest", -200, 0),
            ("Stade nord", 0, 220),
            ("Stade sud", 0, -220),
            ("Parvis", 220, 220),
            ("Stade parking P1", -320, 230),
            ("Stade parking P2", 320, -270),
            ("Hôtels", -200, -310),
        ),
    ),
    SectorPlan(
        "lac",
        "Lac du Héron",
        (50.6338, 3.1600),
        670,
        70,
        190,
        0.8,
        (
            "Chaussée du Lac",
            "Allée du Héron",
            "Chemin de la Ferme",
            "Allée du Musée",
            "Chemin des Marais",
            "Rue de la Contrescarpe",
        ),
        _places(
            ("Lac, rive sud", -60, -380),
            ("Lac, rive nord", -60, 470),
            ("Lac, rive est", 340, 60),
            ("Lac, rive ouest", -400, 40),
            ("Ferme du Héron", 370, -250),
            ("Musée", -430, 330),
            ("Lac, parking", 300, 330),
        ),
    ),
    SectorPlan(
        "residence",
        "Résidence",
        (50.6345, 3.1425),
        460,
        40,
        125,
        0.9,
        (
            "Rue Racine",
            "Rue Renoir",
            "Rue Rabelais",
            "Allée Ronsard",
            "Rue Rameau",
            "Rue Ravel",
            "Rue Rimbaud",
            "Place Richelieu",
        ),
        _places(
            ("Résidence", 0, 0),
            ("Résidence commerces", 120, -90),
            ("Résidence école", -160, 80),
            ("Espace Concorde", 80, 200),
        ),
    ),
    SectorPlan(
        "haute-borne",
        "Haute-Borne",
        (50.6045, 3.1560),
        550,
        22,
        170,
        0.7,
        ("Avenue de la Haute-Borne", "Rue Hubble", "Rue Hertz", "Allée Halley", "Avenue Harrison", "Rue Hérédia"),
        _places(
            ("Haute-Borne", 0, 0),
            ("Haute-Borne rond-point", -230, 120),
            ("Parc d'activités", 200, -110),
            ("Haute-Borne bus", 50, 230),
        ),
    ),
    SectorPlan(
        "pres",
        "Les Prés",
        (50.6490, 3.1325),
        510,
        65,
        130,
        0.8,
        (
            "Rue de la Prairie",
            "Rue Prévert",
            "Rue Poussin",
            "Allée Péguy",
            "Rue Perrault",
            "Rue Pissarro",
            "Place Pascal",
        ),
        _places(("Les Prés", 0, 0), ("Prés métro", -120, 180), ("Prés école", 150, -90), ("Prés commerces", 40, 110)),
    ),
    SectorPlan(
        "brigode",
        "Brigode",
        (50.6362, 3.1715),
        490,
        30,
        160,
        0.5,
        ("Avenue du Golf", "Allée Brahms", "Rue Berlioz", "Allée Bizet", "Rue Boileau", "Avenue de Brigode"),
        _places(("Brigode golf", 110, 120), ("Brigode", 0, 0), ("Brigode école", -180, -120)),
    ),
    SectorPlan(
        "sart-babylone",
        "Sart-Babylone",
        (50.6455, 3.1212),
        470,
        52,
        130,
        0.8,
        ("Rue de Babylone", "Rue du Sart", "Rue Molière", "Rue Mozart", "Rue des Martyrs", "Place de la Victoire"),
        _places(
            ("Babylone", 0, 0), ("Sart place", 180, 120), ("Sart rond-point", -190, -80), ("Babylone école", 80, -200)
        ),
    ),
    SectorPlan(
        "recueil",
        "Recueil",
        (50.6508, 3.1545),
        490,
        12,
        140,
        0.6,
        (
            "Rue de Lannoy",
            "Rue du Recueil",
            "Rue Jean-Bart",
            "Rue des Hautes-Voies",
            "Allée des Peupliers",
            "Rue de la Tradition",
        ),
        _places(("Recueil", 0, 0), ("Recueil zone commerciale", 220, 160), ("Recueil rond-point", -200, -110)),
    ),
)

SPARE_NAMES: tuple[str, ...] = (
    "des Lilas",
    "des Acacias",
    "du Moulin",
    "des Écoles",
    "de la Poste",
    "du Marais",
    "des Saules",
    "de l'Égalité",
    "des Tilleuls",
    "du Calvaire",
    "des Jonquilles",
    "Victor-Hugo",
    "Jean-Moulin",
    "Émile-Zola",
    "Louise-Michel",
    "Marie-Curie",
    "Salengro",
    "Pierre-Brossolette",
    "Gambetta",
    "Voltaire",
    "des Bleuets",
    "du Vieux-Puits",
    "des Vanneaux",
    "des Foulons",
    "du Tilloy",
    "de l'Épinette",
    "des Roitelets",
    "de la Brasserie",
    "du Virage",
    "des Chênes",
    "des Pinsons",
    "du Colombier",
    "de la Tuilerie",
    "Lamartine",
    "Chanzy",
    "Carnot",
    "Anatole-France",
    "Kellermann",
    "du Petit-Boulevard",
    "des Crieurs",
    "de la Liberté",
    "Simone-Veil",
    "Olympe-de-Gouges",
    "Joséphine-Baker",
    "Lucie-Aubrac",
    "Albert-Camus",
    "Georges-Brassens",
    "du Fresnoy",
)
"""For streets beyond a sector's own names; each with « Rue » or « Allée » before it."""

ROADS: tuple[RoadPlan, ...] = (
    RoadPlan(
        "Boulevard de l'Ouest",
        (
            (50.6570, 3.1245),
            (50.6500, 3.1222),
            (50.6400, 3.1205),
            (50.6290, 3.1195),
            (50.6190, 3.1222),
            (50.6090, 3.1240),
            (50.5990, 3.1262),
        ),
    ),
    RoadPlan(
        "Boulevard du Breucq",
        (
            (50.6570, 3.1405),
            (50.6500, 3.1392),
            (50.6430, 3.1378),
            (50.6330, 3.1362),
            (50.6235, 3.1372),
            (50.6150, 3.1372),
            (50.6080, 3.1362),
            (50.5990, 3.1378),
        ),
    ),
    RoadPlan(
        "Boulevard de Tournai",
        (
            (50.6098, 3.1120),
            (50.6140, 3.1250),
            (50.6147, 3.1360),
            (50.6142, 3.1480),
            (50.6165, 3.1600),
            (50.6195, 3.1810),
        ),
    ),
    RoadPlan(
        "Boulevard de Valmy",
        (
            (50.6262, 3.1120),
            (50.6228, 3.1240),
            (50.6222, 3.1330),
            (50.6226, 3.1420),
            (50.6218, 3.1520),
            (50.6190, 3.1600),
        ),
    ),
    RoadPlan(
        "Rue Jean-Jaurès",
        ((50.6226, 3.1420), (50.6258, 3.1480), (50.6262, 3.1560), (50.6240, 3.1650), (50.6238, 3.1810)),
    ),
    RoadPlan(
        "Avenue de Flandre",
        (
            (50.6405, 3.1120),
            (50.6412, 3.1240),
            (50.6398, 3.1370),
            (50.6388, 3.1470),
            (50.6425, 3.1580),
            (50.6440, 3.1690),
            (50.6450, 3.1810),
        ),
    ),
    RoadPlan(
        "Boulevard de Montalembert",
        (
            (50.6470, 3.1120),
            (50.6478, 3.1260),
            (50.6466, 3.1390),
            (50.6472, 3.1520),
            (50.6480, 3.1640),
            (50.6510, 3.1810),
        ),
    ),
    RoadPlan(
        "Avenue de l'Avenir",
        (
            (50.6570, 3.1590),
            (50.6480, 3.1560),
            (50.6425, 3.1532),
            (50.6350, 3.1492),
            (50.6262, 3.1560),
            (50.6165, 3.1600),
            (50.6080, 3.1490),
            (50.5990, 3.1480),
        ),
    ),
    RoadPlan(
        "Route de la Haute-Borne",
        ((50.6020, 3.1120), (50.6030, 3.1270), (50.6022, 3.1400), (50.6010, 3.1550), (50.6030, 3.1810)),
    ),
)

WATERS: tuple[AreaPlan, ...] = (
    AreaPlan(
        "Lac du Héron",
        (
            (50.6376, 3.1562),
            (50.6381, 3.1592),
            (50.6362, 3.1612),
            (50.6344, 3.1615),
            (50.6326, 3.1632),
            (50.6308, 3.1640),
            (50.6300, 3.1618),
            (50.6310, 3.1592),
            (50.6330, 3.1580),
            (50.6350, 3.1570),
        ),
    ),
    AreaPlan("Lac Saint-Jean", ((50.6402, 3.1415), (50.6408, 3.1440), (50.6402, 3.1462), (50.6395, 3.1440))),
    AreaPlan("Lac du Château", ((50.6334, 3.1378), (50.6342, 3.1392), (50.6330, 3.1402), (50.6318, 3.1392))),
    AreaPlan("Lac des Espagnols", ((50.6300, 3.1408), (50.6306, 3.1432), (50.6296, 3.1448), (50.6290, 3.1425))),
    AreaPlan("Lac de Canteleu", ((50.6208, 3.1345), (50.6213, 3.1358), (50.6206, 3.1364), (50.6202, 3.1352))),
)

GREENS: tuple[AreaPlan, ...] = (
    AreaPlan(
        "Parc du Héron",
        (
            (50.6400, 3.1545),
            (50.6402, 3.1610),
            (50.6370, 3.1648),
            (50.6330, 3.1672),
            (50.6288, 3.1672),
            (50.6282, 3.1610),
            (50.6302, 3.1560),
            (50.6345, 3.1530),
        ),
    ),
    AreaPlan(
        "Golf de Brigode",
        (
            (50.6402, 3.1690),
            (50.6410, 3.1762),
            (50.6360, 3.1800),
            (50.6320, 3.1782),
            (50.6318, 3.1755),
            (50.6362, 3.1765),
        ),
    ),
    AreaPlan(
        "Parc urbain", ((50.6318, 3.1375), (50.6322, 3.1455), (50.6285, 3.1462), (50.6270, 3.1420), (50.6285, 3.1382))
    ),
    AreaPlan("Parc archéologique", ((50.6352, 3.1372), (50.6355, 3.1405), (50.6312, 3.1410), (50.6310, 3.1376))),
    AreaPlan(
        "Prés de la Marque",
        (
            (50.6225, 3.1722),
            (50.6282, 3.1735),
            (50.6285, 3.1805),
            (50.6200, 3.1805),
            (50.6150, 3.1700),
            (50.6190, 3.1690),
        ),
    ),
    AreaPlan("Bois de la Noyelle", ((50.6100, 3.1520), (50.6122, 3.1570), (50.6105, 3.1625), (50.6080, 3.1560))),
)

STADIUM: LatLon = (50.6119, 3.1306)
STADIUM_HALF_AXES_M = (105.0, 128.0)
"""East to west, north to south."""

PINNED: tuple[tuple[int, str], ...] = (
    (3, "Pont-de-Bois métro"),
    (42, "Triolo marché"),
    (58, "Annappes église"),
    (61, "Cousinerie"),
    (77, "Hôtel de ville"),
    (88, "Stade est"),
    (104, "Flers bourg"),
    (117, "Fontaine nord"),
    (203, "Lac, rive sud"),
)
"""Numbers that the drawings of the screens show, kept so that people find them again."""

TURNING = frozenset({117})
"""Those of them that turn in every city: the fountain's is the one that people try first."""

AUTHORISED_UNTIL = "2031-12-02"
COMMUNE = "Villeneuve-d'Ascq"
OWNER = "villeneuve-dascq"
CAMERA_CLASS = "voie-publique"
WIDTH_PX = 1920
"""Pixels across at the cameras' finest, as their sheets say; the simulator sends a smaller stream of them."""
