<?php
/**
 * What the special page is called in addresses.
 */

$specialPageAliases = [];

/** English */
$specialPageAliases['en'] = [
	'Compagnon' => [ 'Compagnon' ],
];

/** French */
$specialPageAliases['fr'] = [
	'Compagnon' => [ 'Compagnon', 'Pratiques_et_personnes' ],
];
